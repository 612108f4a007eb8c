import Foundation
import Kernel
public import Logging

/// The operator's log as a line of JSON each: time, level, label, message, and every value beside it under its own name.
public struct JSONLines: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let clock: any Clock
    private let write: @Sendable ([UInt8]) -> Void

    public init(label: String) {
        self.init(label: label, clock: SystemClock()) {
            try? FileHandle.standardError.write(contentsOf: Data($0))
        }
    }

    /// - Parameter write: takes a whole line with its end.
    init(label: String, clock: any Clock, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        self.clock = clock
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line: [String: JSON] = [:]
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            line[name] = Self.json(value)
        }
        line["time"] = .string(clock.now.description)
        line["level"] = .string(event.level.rawValue)
        line["label"] = .string(label)
        line["message"] = .string("\(event.message)")
        write(JSON.object(line).canonicalBytes + [0x0A])
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSON {
        switch value {
        // What is written as a whole number is one.
        case .string(let text): Int64(text).map(String.init) == text ? .number(text) : .string(text)
        case .stringConvertible(let value): .string("\(value)")
        case .array(let values): .array(values.map(json))
        case .dictionary(let values): .object(values.mapValues(json))
        }
    }
}
