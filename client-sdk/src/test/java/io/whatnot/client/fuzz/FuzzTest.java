package io.whatnot.client.fuzz;

import io.whatnot.core.fuzz.Fuzzer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

final class FuzzTest {
    @TestFactory
    @Timeout(120)
    Stream<DynamicTest> everyDecoderMakesSomethingOfAnyBytesOrRefusesThem() {
        return Fuzzer.tests(new ClientTargets().targets());
    }
}
