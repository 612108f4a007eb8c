import Audit
public import Kernel
public import Storage

extension Maintenance {
    /// Divides the log's table by months; a running server makes the months to come.
    /// - Throws: `LogDivisionError.oneFile` where the engine keeps tables whole.
    public func divideLog() async throws -> TableMonths {
        guard database.engine == .postgres else { throw LogDivisionError.oneFile }
        return try await AuditMonths.divide(in: database, now: settings.clock.now)
    }
}

/// Why a log is not divided.
public enum LogDivisionError: Refusal {
    /// SQLite keeps everything in one file.
    case oneFile

    public var code: String { "log.one-file" }
    public var status: RefusalStatus { .notAllowedNow }
}
