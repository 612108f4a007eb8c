internal import COpenSSL
import Foundation
public import Kernel

/// On what a measurement ran: figures without that are worth nothing.
public struct BenchMachine: Sendable {
    private let lines: [(name: String, value: String)]

    public init() {
        let system = Self.value("PRETTY_NAME", in: "/etc/os-release", separator: "=")
        let megabytes = ProcessInfo.processInfo.physicalMemory >> 20
        lines = [
            (
                "machine",
                "\(Stopwatch.cores) x \(Self.value("model name", in: "/proc/cpuinfo", separator: ":"))"
            ),
            ("memory", "\(megabytes) MB"), ("system", system),
            ("openssl", String(cString: OpenSSL_version(0))), ("build", Self.build),
            ("load", Self.load),
        ]
    }

    public var text: String { lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n") + "\n" }

    public var json: JSON {
        .object(Dictionary(uniqueKeysWithValues: lines.map { ($0.name, JSON.string($0.value)) }))
    }

    /// Running processes on average over 1, 5 and 15 minutes: above the number of cores the machine was busy.
    public static var load: String {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return text.split(separator: " ").prefix(3).joined(separator: " ")
    }

    private static var build: String {
        #if DEBUG
            "debug: figures of our own side are many times too low"
        #else
            "release"
        #endif
    }

    private static func value(_ name: String, in file: String, separator: Character) -> String {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        let value = line.split(separator: separator, maxSplits: 1).dropFirst().first ?? "unknown"
        return value.trimmingCharacters(in: CharacterSet(charactersIn: " \""))
    }
}
