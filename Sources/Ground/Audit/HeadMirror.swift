import Foundation
import Kernel

/// The file outside the database to which every signed head is appended, one line of canonical JSON each: a log
/// whose tail was cut off contradicts it.
public final class HeadMirror: Sendable {
    public let path: String
    private let queue = DispatchQueue(label: "head-mirror")

    public init(path: String) { self.path = path }

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
    public func heads() throws(AuditError) -> [SignedHead] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .mirror("\(path): \(String(cString: strerror(errno)))")
        }
        return data.split(separator: 0x0A).compactMap { line in
            (try? JSON.read(line, depthMax: 1, sizeBytesMax: 4_096)).flatMap(SignedHead.init)
        }
    }
}
