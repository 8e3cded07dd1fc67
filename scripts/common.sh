# Sourced by the scripts beside it: where things are, and how to start Java.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# Everything a local cluster keeps is below this one folder.
cluster_dir=${WHATNOT_CLUSTER_DIR:-$root/target/cluster}

die() {
  echo "$*" >&2
  exit 1
}

if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
  java=$JAVA_HOME/bin/java
else
  java=$(command -v java) || die "There is no java: install a JDK, 17 or newer, or set JAVA_HOME."
fi

# The flags that newer JDKs want; older ones don't know them.
jvm_flags() {
  local version
  version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')
  case $version in
    1.* | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16) die "Java $version is too old: 17 or newer is needed." ;;
  esac
  if [ "$version" -ge 24 ]; then
    echo "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
  fi
}

# Builds what the scripts run, if it isn't there or something it is made of is newer. Whoever has it elsewhere says where
# in WHATNOT_CLASS_PATH, and nothing is built.
ensure_built() {
  [ -z "${WHATNOT_CLASS_PATH:-}" ] || return 0
  local stamp=$root/target/built
  if [ -f "$stamp" ] && [ -z "$(find "$root/pom.xml" "$root"/core "$root"/raft-node "$root"/client-sdk \
      -path '*/target' -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    return
  fi
  echo "Building (the first time downloads what it needs) ..." >&2
  mkdir -p "$root/target"
  local log=$root/target/build.log
  if ! (cd "$root" && ./mvnw -B -q -DskipTests -Dspotless.check.skip package) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "The build failed; all of it is in $log."
  fi
  touch "$stamp"
}

# The same with the tests that scripts run, and what those need.
ensure_tests_built() {
  local stamp=$root/target/tests-built
  if [ -f "$stamp" ] && [ -z "$(find "$root/pom.xml" "$root"/core "$root"/client-sdk \
      -path '*/target' -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    return
  fi
  echo "Building (the first time downloads what it needs) ..." >&2
  mkdir -p "$root/target"
  local log=$root/target/build.log
  if ! (cd "$root" && ./mvnw -B -q -DskipTests -Dspotless.check.skip -pl client-sdk -am package) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "The build failed; all of it is in $log."
  fi
  touch "$stamp"
}

# The same for the tests of nodes.
ensure_fault_tests_built() {
  local stamp=$root/target/fault-tests-built
  if [ -f "$stamp" ] && [ -z "$(find "$root/pom.xml" "$root"/core "$root"/raft-node "$root"/client-sdk \
      -path '*/target' -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    return
  fi
  echo "Building (the first time downloads what it needs) ..." >&2
  mkdir -p "$root/target"
  local log=$root/target/build.log
  if ! (cd "$root" && ./mvnw -B -q -DskipTests -Dspotless.check.skip -pl core,client-sdk,raft-node \
      test-compile dependency:build-classpath -Dmdep.outputFile=target/test-class-path) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "The build failed; all of it is in $log."
  fi
  touch "$stamp"
}

fault_class_path() {
  echo "$root/raft-node/target/test-classes:$root/raft-node/target/classes:$(cat "$root/raft-node/target/test-class-path")"
}

simulation_class_path() {
  local classes=$root/client-sdk/target/test-classes:$root/client-sdk/target/classes
  echo "$classes:$root/core/target/test-classes:$root/core/target/classes:$root/client-sdk/target/test-lib/*"
}

node_class_path() {
  echo "${WHATNOT_CLASS_PATH:-$root/raft-node/target/classes:$root/raft-node/target/lib/*}"
}

cli_class_path() {
  echo "${WHATNOT_CLASS_PATH:-$root/client-sdk/cli/target/classes:$root/client-sdk/cli/target/lib/*}"
}

# The endpoints of the local cluster, or nothing if there is none.
local_endpoints() {
  if [ -f "$cluster_dir/nodes" ]; then
    cut -d' ' -f2 "$cluster_dir/nodes" | paste -sd, -
  fi
}
