// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.Access;
import io.margay.control.CertificateProvider;
import io.margay.control.ControlReply;
import io.margay.control.ServerEvents;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The configuration, certificates and scripts, and how they change ({@code spec/control-api.md §6-§11}): what the
 * resources of this bundle answer from. Inert until {@link #open}. All methods are called on the thread of {@link
 * ControlParts#loop}; the stages that they return complete there.
 */
@Component(service = ConfigPlane.class)
public final class ConfigPlane {
    private static final int OK = 200;

    private final Happenings happenings = new Happenings();
    private final Map<CertificateProvider, Long> providers = new ConcurrentHashMap<>();
    private volatile LongPredicate counting = bundle -> true;
    private volatile Opened opened;

    /** What there is once it is open. */
    record Opened(ControlParts parts, Uploads uploads, ConfigInForce configuration, WorkQueue queue, WorkQueue reads,
        Access access, Confirmation confirmation, ConfigChanges changes) {
    }

    /** Closed. */
    @Activate
    public ConfigPlane() {
        // Nothing happens before the process has its loop and its ports.
    }

    /** Sets who is told what happens. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, unbind = "forgetEvents")
    void rememberEvents(ServerEvents events) {
        happenings.to(Optional.of(events));
    }

    void forgetEvents(ServerEvents events) {
        happenings.to(Optional.empty());
    }

    /** Somebody gets certificates from now on; on any thread. */
    void provides(CertificateProvider provider, long bundle) {
        providers.put(provider, bundle);
        Opened now = opened;
        if (now != null) {
            now.parts().loop().execute(now.configuration()::tellProviders);
        }
    }

    void providesNoMore(CertificateProvider provider) {
        providers.remove(provider);
    }

    /** Sets which bundles count: of two versions of one, the other gets nothing. */
    public void counting(LongPredicate bundles) {
        counting = bundles;
    }

    /** Takes what happens. */
    public Happenings happenings() {
        return happenings;
    }

    /** Begins, once; nothing that waits for the configuration is answered until {@link #start} has done its work. */
    public void open(ControlParts parts, Uploads uploads) {
        Promises promises = new Promises(providers, bundle -> counting.test(bundle), uploads.certificates(),
            parts.log());
        ConfigInForce configuration = new ConfigInForce(parts, happenings, promises);
        WorkQueue queue = new WorkQueue(parts.loop());
        Keeper keeper = new Keeper(parts, configuration);
        Confirmation confirmation = new Confirmation(parts, configuration, keeper, queue);
        WorkQueue reads = new WorkQueue(parts.loop());
        reads.open();
        Access access = new Access(parts.policy(), parts.main()::uid, parts.loop(), parts.log());
        opened = new Opened(parts, uploads, configuration, queue, reads, access, confirmation,
            new ConfigChanges(parts, configuration, promises, keeper, confirmation, access));
        uploads.bind(configuration, queue, happenings);
    }

    Opened opened() {
        return opened;
    }

    /** Who may do what. */
    public Access access() {
        return opened.access();
    }

    /** There is no stored configuration: the initial one can be read before {@link #start} gives it to the router. */
    public void nothingIsStored() {
        opened.configuration().nothingIsStored();
    }

    /**
     * Brings the stored configuration into force; then requests are worked on.
     *
     * @param stored the configuration of the last run, if there is one
     * @param rejected called when it cannot be used at all, so that a copy may be kept; the reason is in the log
     * @return completes, never with an exception, when connections may be accepted
     */
    public CompletionStage<Void> start(Optional<byte[]> stored, Runnable rejected) {
        return start(stored, OptionalLong.empty(), rejected);
    }

    /**
     * The same, with the number that the stored configuration has in the history.
     *
     * @param stored the configuration of the last run, if there is one
     * @param revision its number, if it has one
     * @param rejected called when it cannot be used at all
     */
    public CompletionStage<Void> start(Optional<byte[]> stored, OptionalLong revision, Runnable rejected) {
        ConfigInForce configuration = opened.configuration();
        configuration.storedAs(revision);
        return configuration.start(stored, () -> {
            configuration.storedAs(OptionalLong.empty());
            rejected.run();
        }).thenRunAsync(opened.queue()::open, opened.parts().loop());
    }

    /**
     * Applies the configuration in force again before anything that waits: to a router that was started anew, or after
     * languages came or went. Applications left out are tried again.
     *
     * @return completes with true when the router has it
     */
    public CompletionStage<Boolean> reapply() {
        return opened.queue().addFirst(() -> opened.confirmation().instead().orElseGet(
            opened.configuration()::reapply)).thenApply(reply -> reply.status() == 200);
    }

    /**
     * Gives the configuration in force to a router that is to take the place of the one that serves, before anything
     * that waits and behind the change that is on its way.
     *
     * @param taken told at once when that router has it: what is asked from then on is asked of that one
     * @return completes with the reason why it cannot have it, if there is one
     */
    public CompletionStage<Optional<String>> replaceRouter(Runnable taken) {
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        opened.queue().addFirst(() -> opened.configuration().applyNext().handleAsync((reason, failure) -> {
            Optional<String> refused = failure == null ? reason : Optional.of(WorkQueue.reason(
                WorkQueue.cause(failure)));
            if (refused.isEmpty()) {
                taken.run();
            }
            result.complete(refused);
            return ControlReply.success("Ok");
        }, opened.parts().loop())).thenAccept(reply -> result.complete(Optional.of("the controller could not ask it")));
        return result;
    }

    /** The router has died: a change that was not confirmed yet does not come back with the next one. */
    public void routerGone() {
        opened.configuration().routerGone();
        opened.confirmation().routerGone();
    }

    /**
     * Tries again to open the listeners of the configuration in force that could not be opened.
     *
     * @return completes with true when all of them are open
     */
    public CompletionStage<Boolean> openListeners() {
        return opened.queue().addFirst(() -> opened.confirmation().instead().orElseGet(
            opened.configuration()::openListeners)).thenApply(reply ->
            opened.configuration().leftOut().listeners().isEmpty());
    }

    /** Sets what happens when listeners of the configuration in force could not be opened; on the loop's thread. */
    public void whenListenersAreClosed(Runnable action) {
        opened.configuration().whenClosed(action);
    }

    /**
     * Who uses certain extensions, after all changes that are under way.
     *
     * @param readers of options, as schema files name them
     * @param type tells of a value of {@code type} whether it is meant
     * @return completes with the names of applications, and JSON Pointers of options
     */
    public CompletionStage<List<String>> users(Set<String> readers, Predicate<String> type) {
        return opened.queue().add(0, () -> CompletableFuture.completedFuture(ControlReply.success("Ok")))
            .thenApply(reply -> {
                Set<String> users = applications(type);
                users.addAll(places(readers, users));
                return List.copyOf(users);
            });
    }

    /**
     * Leaves the applications out of service that use certain extensions, until the configuration is applied again.
     *
     * @param readers of options, as schema files name them
     * @param type tells of a value of {@code type} whether it is meant
     * @return completes with who else uses them; when there is such nothing has changed
     */
    public CompletionStage<List<String>> leave(Set<String> readers, Predicate<String> type) {
        List<String> others = new ArrayList<>();
        return opened.queue().add(0, () -> {
            Set<String> applications = applications(type);
            others.addAll(places(readers, applications));
            applications.removeIf(name -> opened.configuration().leftOut().applications().containsKey(name));
            return others.isEmpty() && !applications.isEmpty()
                ? opened.configuration().reapplyWithout(applications, "its module was removed by force")
                : CompletableFuture.completedFuture(ControlReply.success("Ok"));
        }).thenApply(reply -> reply.status() == OK ? List.copyOf(others)
            : List.of("the configuration, which could not be applied without them"));
    }

    /** Whether applications of the configuration in force are left out of service. */
    public boolean lacksApplications() {
        return !opened.configuration().leftOut().applications().isEmpty();
    }

    private Set<String> applications(Predicate<String> type) {
        ConfObject all = current().object("applications").orElse(ConfObject.EMPTY);
        Set<String> users = new LinkedHashSet<>(all.members().keySet());
        users.removeIf(name -> all.object(name).flatMap(application -> application.string("type"))
            .filter(type).isEmpty());
        return users;
    }

    /** JSON Pointers of options outside of these applications. */
    private Set<String> places(Set<String> readers, Set<String> applications) {
        Set<String> places = opened.configuration().uses(readers);
        places.removeIf(place -> applications.stream().anyMatch(name ->
            place.startsWith("/applications/" + name + "/")));
        return places;
    }

    /** The process ends. */
    public void leave() {
        opened.configuration().leave();
    }

    /** The configuration in force. */
    public ConfObject current() {
        return opened.configuration().current();
    }
}
