import CProtobufC
import Glibc

/// The memory of one message of protobuf-c: handed out from a few blocks and taken back at once.
///
/// A thread keeps one arena for its next message. It never leaves its thread.
public final class Arena {
    /// What a thread keeps between two messages, in bytes.
    private static let keptBytes = 64 << 10

    // Never used from inside itself, so not checked for that: the check would cost more than the allocation.
    @usableFromInline @exclusivity(unchecked) var next: UnsafeMutableRawPointer
    @usableFromInline @exclusivity(unchecked) var end: UnsafeMutableRawPointer
    private let first: UnsafeMutableRawPointer
    @exclusivity(unchecked) private var further: [UnsafeMutableRawPointer] = []
    @exclusivity(unchecked) private var furtherBytes = 0
    /// The most bytes beside the first block.
    @exclusivity(unchecked) var bytesMax = Int.max
    /// Whether memory was asked for beyond ``bytesMax``.
    @exclusivity(unchecked) private(set) var isExhausted = false
    @exclusivity(unchecked) private(set) var unpackCalls = 0
    @exclusivity(unchecked) private(set) var packCalls = 0

    init() {
        first = .allocate(byteCount: Self.keptBytes, alignment: 16)
        next = first
        end = first + Self.keptBytes
    }

    deinit {
        for block in further { block.deallocate() }
        first.deallocate()
    }

    /// Memory for `size` bytes, aligned to 8; nil beyond the limit.
    @inlinable @inline(__always) func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= end - next - 8 else { return allocateBlock(size) }
        let start = next
        next = start + (size + 7) & ~7
        return start
    }

    @inline(never) @usableFromInline func allocateBlock(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, size <= bytesMax, furtherBytes <= bytesMax - size else {
            isExhausted = true
            return nil
        }
        // Blocks grow with the message, so that their number stays small.
        let blockBytes = max(size + 16, min(max(furtherBytes, Self.keptBytes), 4 << 20))
        let block = UnsafeMutableRawPointer.allocate(byteCount: blockBytes, alignment: 16)
        further.append(block)
        furtherBytes += blockBytes
        next = block
        end = block + blockBytes
        return allocate(size)
    }

    /// Zeroed memory for `count` values. Encoding has no limit: what it holds is there already.
    @inlinable func zeroed(_ bytes: Int) -> UnsafeMutableRawPointer {
        let start = allocate(bytes)!
        memset(start, 0, bytes)
        return start
    }

    private func reset() {
        if furtherBytes > 0 {
            for block in further { block.deallocate() }
            further.removeAll(keepingCapacity: true)
            furtherBytes = 0
        }
        next = first
        end = first + Self.keptBytes
        bytesMax = Int.max
        isExhausted = false
    }
}

// MARK: - protobuf-c

extension Arena {
    /// protobuf_c_message_unpack
    func unpack(
        _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) -> UnsafeMutablePointer<ProtobufCMessage>? {
        unpackCalls += 1
        var allocator = ProtobufCAllocator(
            alloc: { arena, size in Unmanaged<Arena>.fromOpaque(arena!)._withUnsafeGuaranteedRef { $0.allocate(size) } },
            free: { _, _ in },
            allocator_data: Unmanaged.passUnretained(self).toOpaque())
        return protobuf_c_message_unpack(
            descriptor, &allocator, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    /// protobuf_c_message_pack, and protobuf_c_message_get_packed_size where the message is large.
    func pack(_ message: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
        packCalls += 1
        let base = message.assumingMemoryBound(to: ProtobufCMessage.self)
        let bound = packedBytesMax ?? protobuf_c_message_get_packed_size(base)
        let bytes = allocate(bound)!
        let written = protobuf_c_message_pack(base, bytes.assumingMemoryBound(to: UInt8.self))
        assert(written <= bound, "a message was packed beyond its bound")
        return UnsafeRawBufferPointer(start: bytes, count: written)
    }

    /// The most bytes that what stands in the arena can take on the wire, where there is room for as many: asking protobuf-c takes
    /// as long as packing. All that is packed was copied into the arena, and nothing grows more than four times: what grows most
    /// is a number of four bytes, which takes ten and at most five for its tag.
    private var packedBytesMax: Int? {
        let bound = (next - first) * 4
        return furtherBytes == 0 && bound + 8 <= end - next ? bound : nil
    }
}

// MARK: - One per thread

extension Arena {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { arena in
            if let arena { Unmanaged<Arena>.fromOpaque(arena).release() }
        }
        precondition(status == 0, "no thread-specific storage")
        return key
    }()

    /// The thread's arena, or a new one where it is in use: inside the closure of another message.
    static func take() -> Arena {
        guard let kept = pthread_getspecific(key) else { return Arena() }
        pthread_setspecific(key, nil)
        return Unmanaged<Arena>.fromOpaque(kept).takeRetainedValue()
    }

    /// Keeps the arena for the thread's next message.
    static func giveBack(_ arena: Arena) {
        arena.reset()
        guard pthread_getspecific(key) == nil else { return }
        pthread_setspecific(key, Unmanaged.passRetained(arena).toOpaque())
    }

    /// How often protobuf-c was called on this thread, for the test that shows that nothing else codes.
    package static var callsOnThisThread: (unpack: Int, pack: Int) {
        let arena = take()
        defer { giveBack(arena) }
        return (arena.unpackCalls, arena.packCalls)
    }
}
