package io.whatnot.core.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Alters bytes as what goes wrong, or somebody who wants it to, would alter them. Knows nothing of what is reached by it. */
final class Mutator {
    private static final int LENGTH_MAX = 8 << 10;

    private static final byte[][] TELLING = {
        {0},
        {(byte) 0xFF},
        {0x7F},
        {(byte) 0x80},
        {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07}, // varints: the largest int,
        {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F}, // -1 as an unsigned int,
        {-1, -1, -1, -1, -1, -1, -1, -1, 0x7F}, // the largest long,
        {-1, -1, -1, -1, -1, -1, -1, -1, -1, 0x01}, // and -1
        {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, // half a pair, which is no UTF-8
        {(byte) 0xF0, (byte) 0x9F, (byte) 0x98, (byte) 0x80},
        {'/'},
        {'.'},
        {'\n'},
    };

    private final SplittableRandom random;
    private final List<byte[]> seeds;

    Mutator(long seed, List<byte[]> seeds) {
        this.random = new SplittableRandom(seed);
        this.seeds = seeds;
    }

    byte[] next() {
        byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            bytes = altered(bytes);
        }
        return bytes.length > LENGTH_MAX ? Arrays.copyOf(bytes, LENGTH_MAX) : bytes;
    }

    private byte[] altered(byte[] bytes) {
        if (bytes.length == 0) {
            return telling();
        }
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(Math.min(64, bytes.length - from) + 1);
        return switch (random.nextInt(9)) {
            case 0 -> with(bytes, from, (byte) (bytes[from] ^ 1 << random.nextInt(8)));
            case 1 -> with(bytes, from, (byte) random.nextInt(256));
            case 2 -> with(bytes, from, (byte) (bytes[from] + random.nextInt(-3, 4)));
            case 3 -> Arrays.copyOf(bytes, from);
            case 4 -> spliced(bytes, from, to, new byte[0]);
            case 5 -> spliced(bytes, from, from, Arrays.copyOfRange(bytes, from, to));
            case 6 -> spliced(bytes, from, from, telling());
            case 7 -> spliced(bytes, from, Math.min(bytes.length, from + 1), telling());
            default -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                yield spliced(
                        bytes,
                        from,
                        bytes.length,
                        Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
            }
        };
    }

    private byte[] telling() {
        return TELLING[random.nextInt(TELLING.length)];
    }

    private static byte[] with(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] between) {
        byte[] spliced = Arrays.copyOf(bytes, bytes.length - (to - from) + between.length);
        System.arraycopy(between, 0, spliced, from, between.length);
        System.arraycopy(bytes, to, spliced, from + between.length, bytes.length - to);
        return spliced;
    }
}
