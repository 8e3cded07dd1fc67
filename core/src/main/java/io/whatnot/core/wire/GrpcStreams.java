package io.whatnot.core.wire;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.whatnot.core.wire.StreamFailure.Kind;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Streams of frames over gRPC's. */
public final class GrpcStreams {
    private GrpcStreams() {}

    /**
     * The client's end: {@code call} starts the call with the observer that it is given.
     */
    public static <Q, P> FrameStream<Q> client(Consumer<ClientResponseObserver<Q, P>> call, FrameListener<P> listener) {
        Receiver<Q, P> receiver = new Receiver<>(listener);
        call.accept(receiver);
        return receiver.sender();
    }

    /**
     * The server's end: {@code open} is given the way back and tells who listens.
     *
     * @return what gRPC is to hand the client's frames to
     */
    public static <Q, P> StreamObserver<Q> server(
            StreamObserver<P> responses, Function<FrameStream<P>, FrameListener<Q>> open) {
        ServerCallStreamObserver<P> call = (ServerCallStreamObserver<P>) responses;
        Sender<P> sender = new Sender<>(call);
        FrameListener<Q> listener = open.apply(sender);
        AtomicBoolean over = new AtomicBoolean();
        // gRPC tells of the end of a call only once the client has read it, which one that is cut off may never do.
        sender.onFailing(why -> {
            if (over.compareAndSet(false, true)) {
                listener.closed(why);
            }
        });
        call.setOnReadyHandler(() -> {
            if (!over.get()) {
                listener.ready();
            }
        });
        Runnable gone = () -> {
            if (over.compareAndSet(false, true)) {
                sender.stop();
                listener.closed(new StreamFailure(Kind.UNREACHABLE, "the client is gone"));
            }
        };
        call.setOnCancelHandler(gone);
        call.setOnCloseHandler(gone);
        return new StreamObserver<>() {
            @Override
            public void onNext(Q frame) {
                if (!over.get()) {
                    listener.frame(frame);
                }
            }

            @Override
            public void onError(Throwable error) {
                if (over.compareAndSet(false, true)) {
                    sender.stop();
                    listener.closed(failure(error));
                }
            }

            @Override
            public void onCompleted() {
                if (over.compareAndSet(false, true)) {
                    sender.close();
                    listener.closed(StreamFailure.CLOSED);
                }
            }
        };
    }

    private static StreamFailure failure(Throwable error) {
        Status status = Status.fromThrowable(error);
        String message = status.getDescription() == null ? String.valueOf(error.getMessage()) : status.getDescription();
        return new StreamFailure(
                switch (status.getCode()) {
                    case FAILED_PRECONDITION, UNIMPLEMENTED, PERMISSION_DENIED, UNAUTHENTICATED -> Kind.REFUSED;
                    case INVALID_ARGUMENT, RESOURCE_EXHAUSTED, INTERNAL -> Kind.PROTOCOL;
                    case ABORTED -> Kind.TOO_SLOW;
                    default -> Kind.UNREACHABLE;
                },
                message);
    }

    private static StatusRuntimeException status(StreamFailure why) {
        Status status = switch (why.kind()) {
            case CLOSED, UNREACHABLE -> Status.UNAVAILABLE;
            case REFUSED -> Status.FAILED_PRECONDITION;
            case PROTOCOL -> Status.INVALID_ARGUMENT;
            case TOO_SLOW -> Status.ABORTED;
        };
        return status.withDescription(why.message()).asRuntimeException();
    }

    private static final class Sender<T> implements FrameStream<T> {
        private final CallStreamObserver<T> call;
        private final ReentrantLock lock = new ReentrantLock();
        private boolean stopped;
        private volatile Consumer<StreamFailure> failing = why -> {};

        Sender(CallStreamObserver<T> call) {
            this.call = call;
        }

        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void send(T frame) {
            unlessStopped(false, () -> call.onNext(frame));
        }

        @Override
        public void close() {
            unlessStopped(true, call::onCompleted);
        }

        @Override
        public void fail(StreamFailure why) {
            unlessStopped(true, () -> {
                if (call instanceof ClientCallStreamObserver<T> client) {
                    client.cancel(why.message(), status(why));
                } else {
                    call.onError(status(why));
                }
            });
            failing.accept(why);
        }

        void onFailing(Consumer<StreamFailure> told) {
            failing = told;
        }

        /** The call is over without our doing. */
        void stop() {
            unlessStopped(true, () -> {});
        }

        /** A call that has ended throws at whoever sends; closing may come from another thread than sending. */
        private void unlessStopped(boolean stops, Runnable action) {
            lock.lock();
            try {
                if (!stopped) {
                    stopped = stops;
                    action.run();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static final class Receiver<Q, P> implements ClientResponseObserver<Q, P> {
        private final FrameListener<P> listener;
        private @Nullable Sender<Q> sender;

        Receiver(FrameListener<P> listener) {
            this.listener = listener;
        }

        Sender<Q> sender() {
            if (sender == null) {
                throw new IllegalStateException("the call was not started");
            }
            return sender;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> call) {
            sender = new Sender<>(call);
            call.setOnReadyHandler(listener::ready);
        }

        @Override
        public void onNext(P frame) {
            listener.frame(frame);
        }

        @Override
        public void onError(Throwable error) {
            sender().stop();
            listener.closed(failure(error));
        }

        @Override
        public void onCompleted() {
            sender().stop();
            listener.closed(StreamFailure.CLOSED);
        }
    }
}
