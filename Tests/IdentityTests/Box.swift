import Identity
import Synchronization

/// Messages that a subscriber was told.
final class Box: Sendable {
    private let messages = Mutex<[SmsMessage]>([])
    func add(_ message: SmsMessage) { messages.withLock { $0.append(message) } }
    var all: [SmsMessage] { messages.withLock { $0 } }
}
