package io.whatnot.node.raft;

import com.alipay.sofa.jraft.storage.impl.RocksDBLogStorage;
import com.alipay.sofa.jraft.util.StorageOptionsFactory;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.WALRecoveryMode;

/**
 * How RocksDB keeps logs, for the whole process, as JRaft wants it told. Of what was written last a record may be cut short
 * by a crash, and then was not acknowledged; any other damage is to be told and not to be left out.
 */
final class RocksOptions {
    private static final long MIB = 1 << 20;

    private static final RocksOptions REGISTERED = new RocksOptions();

    private RocksOptions() {
        DBOptions options = StorageOptionsFactory.getDefaultRocksDBOptions();
        options.setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setMaxTotalWalSize(256 * MIB)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MIB)
                .setKeepLogFileNum(4);
        ColumnFamilyOptions families = StorageOptionsFactory.getDefaultRocksDBColumnFamilyOptions();
        families.setWriteBufferSize(32 * MIB).setMaxWriteBufferNumber(3);
        StorageOptionsFactory.registerRocksDBOptions(RocksDBLogStorage.class, options);
        StorageOptionsFactory.registerRocksDBColumnFamilyOptions(RocksDBLogStorage.class, families);
    }

    /** Once, before the first log is opened; RocksDB's library must have been loaded. */
    static RocksOptions register() {
        return REGISTERED;
    }
}
