package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.ProtobufMsgFactory;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.whatnot.node.raft.v1.RaftMessages;

/** Messages between nodes: JRaft's own, and ours. */
final class RaftMessageCodec {
    private RaftMessageCodec() {}

    static RaftMessages.Message encode(long id, boolean response, Message message) {
        return RaftMessages.Message.newBuilder()
                .setId(id)
                .setResponse(response)
                .setType(message.getDescriptorForType().getFullName())
                .setBody(message.toByteString())
                .build();
    }

    /** The message in an envelope.
     *
     * @throws InvalidProtocolBufferException if it is none, or of a type that is not known */
    static Message decode(RaftMessages.Message envelope) throws InvalidProtocolBufferException {
        if (envelope.getType().equals(RaftMessages.RejoinRequest.getDescriptor().getFullName())) {
            return RaftMessages.RejoinRequest.parseFrom(envelope.getBody());
        }
        if (envelope.getType()
                .equals(RaftMessages.RejoinResponse.getDescriptor().getFullName())) {
            return RaftMessages.RejoinResponse.parseFrom(envelope.getBody());
        }
        if (envelope.getType()
                .equals(RaftMessages.FoundingRequest.getDescriptor().getFullName())) {
            return RaftMessages.FoundingRequest.parseFrom(envelope.getBody());
        }
        if (envelope.getType()
                .equals(RaftMessages.FoundingResponse.getDescriptor().getFullName())) {
            return RaftMessages.FoundingResponse.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.DigestNotice.getDescriptor().getFullName())) {
            return RaftMessages.DigestNotice.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.DigestReceipt.getDescriptor().getFullName())) {
            return RaftMessages.DigestReceipt.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.LevelRequest.getDescriptor().getFullName())) {
            return RaftMessages.LevelRequest.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.LevelResponse.getDescriptor().getFullName())) {
            return RaftMessages.LevelResponse.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.WhoRequest.getDescriptor().getFullName())) {
            return RaftMessages.WhoRequest.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.WhoResponse.getDescriptor().getFullName())) {
            return RaftMessages.WhoResponse.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.ForceRequest.getDescriptor().getFullName())) {
            return RaftMessages.ForceRequest.parseFrom(envelope.getBody());
        }
        if (envelope.getType().equals(RaftMessages.ForceResponse.getDescriptor().getFullName())) {
            return RaftMessages.ForceResponse.parseFrom(envelope.getBody());
        }
        try {
            return ProtobufMsgFactory.newMessageByProtoClassName(
                    envelope.getType(), envelope.getBody().toByteArray());
        } catch (RuntimeException e) {
            throw new InvalidProtocolBufferException("no message of type " + envelope.getType() + ": " + e);
        }
    }
}
