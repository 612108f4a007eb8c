import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Web

/// `/metrics` in Prometheus's text form, for machines inside: asked directly from this machine, or from an address that
/// was allowed, and with the token of this node. What came through a proxy is never answered, whatever address it names:
/// outside is outside. A proxy on this machine that does not say that it is one is why the token is asked for.
struct MetricsPage: Sendable {
    static let path = "/metrics"

    /// What this program counts itself.
    let own: @Sendable () async -> [MetricFamily]
    /// When it began, in seconds since 1970.
    let started: Double
    /// What the database knows; the front has none.
    let shared: SharedFigures?
    let allowed: Set<String>
    let token: MetricsToken
    let messages: Messages
    let logger: Logger

    func respond(to request: Request, from peer: String) async -> Response {
        guard isOpen(to: request, from: peer) else { return refusal(.metricsFromOutside) }
        guard token.isIn(request.headers[.authorization]) else { return refusal(.metricsWithoutToken) }
        var families = await own()
        do { families += try await shared?.families() ?? [] } catch {
            // Its own figures a node has without a database, and they are what is asked for then.
            logger.error("metrics of the database", metadata: ["error": "\(error)"])
        }
        families += ProcessFigures.families(started: started)
        var text = ""
        for family in families { family.write(to: &text) }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    func isOpen(to request: Request, from peer: String) -> Bool {
        Self.isOpen(to: peer, isForwarded: Self.isForwarded(request), allowed: allowed)
    }

    private static let loopback: Set = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]

    static func isOpen(to peer: String, isForwarded: Bool, allowed: Set<String>) -> Bool {
        !isForwarded && (loopback.contains(peer) || allowed.contains(peer))
    }

    /// What proxies write, each its own.
    private static let marks = [
        "X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto",
    ].compactMap { HTTPField.Name($0) }

    private static func isForwarded(_ request: Request) -> Bool {
        marks.contains { request.headers[$0] != nil }
    }

    private func refusal(_ refusal: OperationsRefusal) -> Response {
        let words = messages.explain(refusal, in: .en)
        return Response(
            status: .init(code: refusal.status.rawValue),
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: "\(refusal.code): \(words.wrong) \(words.next)\n"))
        )
    }
}

/// What operators are refused.
enum OperationsRefusal: Refusal {
    /// The figures were asked for from an address that is not allowed.
    case metricsFromOutside
    /// Whoever asked does not know this node's token.
    case metricsWithoutToken

    var code: String {
        switch self {
        case .metricsFromOutside: "server.metrics-from-outside"
        case .metricsWithoutToken: "server.metrics-without-token"
        }
    }

    var status: RefusalStatus {
        switch self {
        case .metricsFromOutside: .forbidden
        case .metricsWithoutToken: .signInNeeded
        }
    }
}

/// What the kernel says of this process, under the names that Prometheus's own libraries use.
enum ProcessFigures {
    static func families(started: Double) -> [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            let family = MetricFamily(.gauge, name, help)
            family.replace(by: [([], value)])
            return family
        }
        var found = [
            gauge("process_start_time_seconds", "When this process began, since 1970.", started)
        ]
        if let pages = field(1, of: "/proc/self/statm") {
            found.append(
                gauge(
                    "process_resident_memory_bytes",
                    "Memory in use.",
                    pages * Double(sysconf(Int32(_SC_PAGESIZE)))
                )
            )
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            found.append(gauge("process_open_fds", "Open files and connections.", Double(files)))
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = [usage.ru_utime, usage.ru_stime].map {
                Double($0.tv_sec) + Double($0.tv_usec) / 1e6
            }
            let family = MetricFamily(.counter, "process_cpu_seconds_total", "Processor time.")
            family.replace(by: [([], seconds.reduce(0, +))])
            found.append(family)
        }
        return found
    }

    private static func field(_ index: Int, of path: String) -> Double? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.indices.contains(index) ? Double(fields[index]) : nil
    }
}
