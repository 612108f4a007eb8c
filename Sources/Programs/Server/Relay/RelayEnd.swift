import Cryptography
import Exchange
import Foundation
import Kernel
import Logging
import Storage

/// What a side signs with and what is sealed for it. Two keys, so that neither use tells anything of the other.
struct RelayKeys: Sendable {
    let signing: SM2PrivateKey
    let name: String
    let sealing: SM2PrivateKey
    let sealingName: String

    init(_ side: RelaySide, in folder: ExchangeKeyFolder) throws {
        signing = try folder.key(of: side.rawValue)
        name = try folder.peer(side.rawValue).keyID
        sealing = try folder.key(of: side.sealing)
        sealingName = try folder.peer(side.sealing).keyID
    }
}

/// The public keys of the other side.
struct RelayPeer: Sendable {
    let signing: PeerKey
    let sealing: PeerKey

    init(_ side: RelaySide, in folder: ExchangeKeyFolder) throws {
        signing = try folder.peer(side.rawValue)
        sealing = try folder.peer(side.sealing)
    }
}

public enum RelaySide: String, Sendable {
    /// Outside, before people.
    case front
    /// Inside, before the platform.
    case relay

    var other: RelaySide { self == .front ? .relay : .front }
    /// The name of the key with which messages to this side are sealed.
    var sealing: String { "\(rawValue)-seal" }
}

/// One end of the relay: its two folders, its keys and the other side's.
struct RelayEnd: Sendable {
    let limits: RelayLimits
    let clock: any Clock
    let entropy: any Entropy
    let logger: Logger
    /// Where the inner side writes down what it took.
    let taken: String
    private let side: RelaySide
    private let outgoing: RelayFolder
    private let incoming: RelayFolder
    private let own: RelayKeys
    private let peer: RelayPeer
    private let locks: [RelayLock]
    private static let workers = Workers<Void>(
        name: "suban.relay",
        countMax: 4,
        lengthMax: 4_096,
        makeTool: {},
        dropTool: { _ in }
    )

    /// - Parameters:
    ///   - relay: the folder with `requests` and `answers`.
    ///   - keys: holds the own keys, made at the first start, and the public ones that the other side gives.
    ///   - gate: the user as which the gate runs; nil when it is this program's, or root.
    /// - Throws: `RelayStart.keyMissing`; `RelayStart.inUse` when another program works on one of the folders.
    init(
        _ side: RelaySide,
        relay: String,
        keys: String,
        gate: RelayGate? = nil,
        limits: RelayLimits,
        clock: any Clock,
        entropy: any Entropy,
        logger: Logger
    ) throws {
        let (requests, answers) = (
            try RelayFolder("\(relay)/requests", gate: gate),
            try RelayFolder("\(relay)/answers", gate: gate)
        )
        (outgoing, incoming) = side == .front ? (requests, answers) : (answers, requests)
        try RelayFolder.keys(keys)
        locks = try [keys, relay].map { try RelayLock("\($0)/.\(side.rawValue).lock") }
        let folder = ExchangeKeyFolder(path: keys)
        taken = "\(keys)/\(side.rawValue).taken"
        if side == .relay, !FileManager.default.fileExists(atPath: "\(keys)/\(side.sealing).key.pem") {
            try RelayTaken.begin(at: taken)
        }
        own = try RelayKeys(side, in: folder)
        let others = [side.other.rawValue, side.other.sealing].map { "\(keys)/\($0).pub.pem" }
        guard others.allSatisfy(FileManager.default.isReadableFile(atPath:)) else {
            throw RelayStart.keyMissing(folder: keys, own: side, other: side.other)
        }
        peer = try RelayPeer(side.other, in: folder)
        self.side = side
        self.limits = limits
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Work with files and keys, on threads of its own: none of it may hold up whoever only asks.
    static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await workers.run { _ in try work() }
    }

    /// - Returns: the bytes that it takes on the disk until the gate has it.
    func send(_ message: RelayMessage) throws -> Int {
        let bytes = try message.bytes(from: own, to: peer, entropy: entropy)
        try outgoing.put(bytes, as: message.fileName)
        return RelayFolder.onDisk(bytes.count)
    }

    /// Whether a message that was sent is still where the gate should have taken it.
    func isStillHere(_ fileName: String) -> Bool { outgoing.holds(fileName) }

    /// A message that has arrived, and the file in which it lies until it is removed.
    struct Arrived: Sendable {
        let file: String
        let message: RelayMessage
    }

    /// Up to `most` messages of the other side, the oldest first; what is none is taken away and told to the operator.
    /// - Parameter counted: told of each that is none.
    func arrived(most: Int, counted: (RelayRefusal) -> Void = { _ in }) throws -> [Arrived] {
        let kind: RelayMessage.Kind = side == .front ? .answer : .request
        var all: [Arrived] = []
        for file in try incoming.waiting().prefix(most) {
            do {
                guard let bytes = try incoming.read(file, most: limits.size) else { continue }
                let message = try RelayMessage(bytes, kind: kind, for: own, from: peer)
                guard abs(clock.now - message.at) <= limits.age else { throw RelayRefusal.expired }
                all.append(Arrived(file: file, message: message))
            } catch let refusal as RelayRefusal {
                counted(refusal)
                refused(refusal)
                try incoming.remove(file)
            }
        }
        return all
    }

    func remove(_ arrived: Arrived) throws { try incoming.remove(arrived.file) }

    /// Tells the operator: the code, and which message, nothing of what is in it.
    func refused(_ why: any Error, _ message: RelayMessage? = nil) {
        var words: Logger.Metadata = [
            "why": "\((why as? RelayRefusal)?.rawValue ?? String(describing: type(of: why)))"
        ]
        if let message { words["message"] = "\(message.id.prefix(8))" }
        logger.warning(
            side == .front ? "an answer was not taken" : "a request was not taken",
            metadata: words
        )
    }

    /// What lies in either folder for longer than a message counts is of no use to anybody.
    /// - Returns: messages that the gate never took, and the bytes of those that still wait for it.
    func sweep() throws -> (unsent: [String], waiting: Int) {
        let moment = clock.now + -limits.age
        let (sent, received) = (try outgoing.sweep(before: moment), try incoming.sweep(before: moment))
        if sent.gone.count + received.gone.count > 0 {
            logger.warning(
                "messages lay too long and were removed",
                metadata: [
                    "why": "relay.swept", "sent": "\(sent.gone.count)",
                    "received": "\(received.gone.count)",
                ]
            )
        }
        if sent.bytesLeft + limits.size > limits.disk {
            logger.warning(
                "so much waits for the gate that nothing more is taken",
                metadata: ["why": "relay.gate-full", "bytes": "\(sent.bytesLeft)"]
            )
        }
        return (sent.gone, sent.bytesLeft)
    }
}

/// One program holds it, and the next is refused; the system lets go of it when the program ends, however it ends.
final class RelayLock: Sendable {
    private let file: Int32

    init(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw RelayStart.folder((path as NSString).deletingLastPathComponent) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            var holder = [UInt8](repeating: 0, count: 20)
            let count = max(0, Foundation.read(file, &holder, holder.count))
            close(file)
            let digits = holder.prefix(count).filter { (0x30...0x39).contains($0) }
            throw RelayStart.inUse(path: path, by: String(decoding: digits, as: UTF8.self))
        }
        self.file = file
        // For whoever is refused; nothing depends on it.
        let holder = Array("\(getpid())\n".utf8)
        if ftruncate(file, 0) == 0 { _ = pwrite(file, holder, holder.count, 0) }
    }

    deinit { close(file) }
}
