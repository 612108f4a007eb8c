import Foundation
import Kernel

/// The file outside the database to which every signed head is appended, one line of canonical JSON each: a log
/// whose tail was cut off contradicts it.
public final class HeadMirror: Sendable {
    public let path: String
    private let queue = DispatchQueue(label: "head-mirror")

    public init(path: String) { self.path = path }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether there is a head at its beginning. One that was emptied or written over is as good as none.
    public var holdsHeads: Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        let beginning = (try? file.read(upToCount: 65_536)) ?? Data()
        return beginning.split(separator: 0x0A).contains { Self.head($0) != nil }
    }

    private static func head(_ line: Data) -> SignedHead? {
        (try? JSON.read(line, depthMax: 1, sizeBytesMax: 4_096)).flatMap(SignedHead.init)
    }

    /// Appends one head and waits until it is on the disk; on a thread of its own.
    public func append(_ head: SignedHead) async throws(AuditError) {
        // The line break in front closes a line that a crash has torn.
        let line = [0x0A] + head.json.canonicalBytes + [0x0A]
        let answer: Result<Void, AuditError> = await withCheckedContinuation { continuation in
            queue.async { [path] in
                let file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o640)
                guard file >= 0 else {
                    continuation.resume(
                        returning: .failure(.mirror("\(path): \(String(cString: strerror(errno)))"))
                    )
                    return
                }
                let kept = write(file, line, line.count) == line.count && fdatasync(file) == 0
                let number = errno
                close(file)
                continuation.resume(
                    returning: kept
                        ? .success(()) : .failure(.mirror("\(path): \(String(cString: strerror(number)))"))
                )
            }
        }
        try answer.get()
    }

    /// All heads of the file, as written. A line torn by a crash is passed over: a missing head proves nothing,
    /// a present one does.
    public func heads() throws(AuditError) -> [SignedHead] { try heads(from: 0).heads }

    /// The heads of the lines from byte `offset` on, and the byte after the last whole line. All of them when the file
    /// is shorter than that.
    func heads(from offset: Int) throws(AuditError) -> (heads: [SignedHead], end: Int) {
        guard exists else { return ([], 0) }
        let (start, data): (Int, Data)
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            start = try file.seekToEnd() >= UInt64(offset) ? offset : 0
            try file.seek(toOffset: UInt64(start))
            data = try file.readToEnd() ?? Data()
        } catch {
            throw .mirror("\(path): \(error.localizedDescription)")
        }
        // A line that is still being written is for the next time.
        let end = data.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (data[..<end].split(separator: 0x0A).compactMap(Self.head), start + end)
    }

    // MARK: - How far the log was verified

    /// A head that a verification has reached, and where in the mirror the heads after it begin. It lies beside the
    /// mirror, and is believed only as far as the head is signed by the log.
    struct Checkpoint: Equatable {
        let head: SignedHead
        let offset: Int
    }

    private var checkpointPath: String { "\(path).verified" }

    /// Nil when there is none, or it is not written as one.
    func checkpoint() -> Checkpoint? {
        guard let data = FileManager.default.contents(atPath: checkpointPath),
            let json = try? JSON.read(Array(data), depthMax: 2, sizeBytesMax: 8_192),
            let head = SignedHead(json["head"]), let offset = json["mirror"].int, offset >= 0
        else { return nil }
        return Checkpoint(head: head, offset: Int(offset))
    }

    /// One that is lost costs a longer verification at the next start, so that nothing waits for the disk.
    func keep(_ checkpoint: Checkpoint) throws {
        let json: JSON = ["head": checkpoint.head.json, "mirror": JSON(checkpoint.offset)]
        try Data(json.canonicalBytes).write(to: URL(fileURLWithPath: checkpointPath), options: .atomic)
    }

    func dropCheckpoint() throws {
        guard FileManager.default.fileExists(atPath: checkpointPath) else { return }
        try FileManager.default.removeItem(atPath: checkpointPath)
    }
}
