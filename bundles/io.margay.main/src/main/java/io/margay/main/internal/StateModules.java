// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.module.ModuleOrder;
import io.margay.module.ModuleStorage;
import io.margay.store.StateDirectory;
import io.margay.store.StateFiles;
import java.util.List;
import java.util.Optional;

/** Modules in the state directory. */
final class StateModules implements ModuleStorage {

    private final StateDirectory state;
    private final StateFiles files;

    StateModules(StateDirectory state) {
        this.state = state;
        this.files = state.moduleFiles(ModuleOrder.MAX_JAR);
    }

    @Override
    public String path(String name) {
        return state.modules() + "/" + name;
    }

    @Override
    public List<String> list() {
        return files.list();
    }

    @Override
    public void store(String name, byte[] jar) {
        files.prepare();
        files.store(name, jar);
    }

    @Override
    public void delete(String name) {
        files.delete(name);
    }

    @Override
    public Optional<byte[]> lock() {
        return state.modulesLock();
    }

    @Override
    public void storeLock(byte[] content) {
        state.storeModulesLock(content);
    }

    @Override
    public void keepRejected(byte[] content) {
        state.keepModulesLock(content);
    }
}
