// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.Function;

/** A module, compiled, of which instances are made. */
final class Program {

    private static final int PAGES_PER_MEBI = 16;

    private final ModuleOptions options;
    private final WasmModule module;
    private final Function<Instance, Machine> machines;

    private Program(ModuleOptions options, WasmModule module, Function<Instance, Machine> machines) {
        this.options = options;
        this.module = module;
        this.machines = machines;
    }

    /**
     * Reads and compiles.
     *
     * @throws ModuleStartException when the file is no module or wants too much
     */
    static Program load(ModuleOptions options) throws ModuleStartException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(options.module());
        } catch (IOException e) {
            throw new ModuleStartException("error opening file (" + options.module() + ")", e);
        }
        WasmModule module;
        try {
            module = Parser.parse(bytes);
        } catch (RuntimeException e) {
            throw new ModuleStartException("error loading module", e);
        }
        limits(module, options);
        try {
            return new Program(options, module, MachineFactoryCompiler.builder(module)
                .withInterpreterFallback(InterpreterFallback.SILENT).compile());
        } catch (RuntimeException e) {
            throw new ModuleStartException("failed to compile module", e);
        }
    }

    private static MemoryLimits limits(WasmModule module, ModuleOptions options) throws ModuleStartException {
        if (module.memorySection().filter(memories -> memories.memoryCount() > 0).isEmpty()) {
            throw new ModuleStartException("couldn't get 'memory' from module");
        }
        MemoryLimits wanted = module.memorySection().get().getMemory(0).limits();
        if (wanted.initialPages() > options.pages()) {
            throw new ModuleStartException("the module wants " + wanted.initialPages() / PAGES_PER_MEBI
                + " MiB of memory; its \"memory\" allows " + options.pages() / PAGES_PER_MEBI + " MiB");
        }
        return new MemoryLimits(wanted.initialPages(), Math.min(wanted.maximumPages(), options.pages()),
            wanted.shared());
    }

    /**
     * A new instance, initialised.
     *
     * @throws ModuleStartException when it cannot be made
     */
    Running start() throws ModuleStartException {
        Abi abi = new Abi();
        WasiPreview1 wasi = wasi();
        Instance instance;
        try {
            instance = Instance.builder(module).withMachineFactory(machines).withMemoryLimits(limits(module, options))
                .withStart(false).withImportValues(ImportValues.builder().addFunction(wasi.toHostFunctions())
                    .addFunction(abi.functions()).build()).build();
        } catch (RuntimeException e) {
            wasi.close();
            throw new ModuleStartException("failed to instantiate", e);
        }
        try {
            return new Running(instance, wasi, abi, options);
        } catch (AbiException e) {
            wasi.close();
            throw new ModuleStartException(e.getMessage());
        } catch (ModuleStartException e) {
            wasi.close();
            throw e;
        }
    }

    /** The standard input is the server's socket, so the module has an empty one. */
    private WasiPreview1 wasi() throws ModuleStartException {
        WasiOptions.Builder wasi = WasiOptions.builder().withStdin(InputStream.nullInputStream())
            .withStdout(System.out).withStderr(System.err).withRandom(new SecureRandom());
        System.getenv().forEach(wasi::withEnvironment);
        for (String directory : options.directories()) {
            Path path = Path.of(directory);
            if (!Files.isDirectory(path)) {
                throw new ModuleStartException("failed to instantiate WASI: \"" + directory + "\" is no directory");
            }
            wasi.withDirectory(directory, path);
        }
        return WasiPreview1.builder().withOptions(wasi.build()).build();
    }
}
