import Logging

/// Another logger's lines, for a library that adds a value to the logger of each request and hardly ever writes with it:
/// values are kept as they come, and made text of with the line that shows them.
struct LentLogger: LogHandler {
    private let base: Logger
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    private init(base: Logger) {
        self.base = base
        logLevel = base.logLevel
    }

    static func lending(_ base: Logger) -> Logger {
        Logger(label: base.label) { _ in LentLogger(base: base) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        base.log(
            level: event.level,
            event.message,
            metadata: metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }),
            source: event.source,
            file: event.file,
            function: event.function,
            line: event.line
        )
    }
}
