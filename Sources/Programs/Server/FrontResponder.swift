import Audit
import Exchange
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Synchronization
import Web

/// Reports of outside parties go to the exchange as they travelled, figures to machines inside; everything else is the
/// site's.
struct FrontResponder: HTTPResponder {
    let site: SiteResponder
    let platform: Platform
    let proxies: TrustedProxies
    let isSecure: Bool
    let limits: OperatingLimits
    let metrics: MetricsPage
    /// Hears of every answer to a report; of the others the site tells itself.
    let answered: @Sendable (Answered) -> Void
    private let strangers = Strangers()

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        var response: Response
        switch request.uri.path {
        case Exchange.reportPath:
            let begun = ContinuousClock.now
            let address = proxies.client(of: request, peer: context.address)
            response = await report(request, from: AddressBlock.of(address))
            answered(
                Answered(
                    request: "-",
                    method: request.method == .post ? "POST" : "-",
                    route: Exchange.reportPath,
                    status: response.status.code,
                    duration: ContinuousClock.now - begun
                )
            )
        case MetricsPage.path where request.method == .get:
            response = await metrics.respond(to: request, from: context.address)
        default: return try await site.respond(to: request, context: context)
        }
        SafetyHeaders.add(to: &response.headers, isSecure: isSecure)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func report(_ request: Request, from address: String) async -> Response {
        let now = platform.clock.now
        let perMinute = limits.value(.reportStrangers, on: now.date)
        if let seconds = strangers.wait(address, perMinute: perMinute, now: now) {
            return Response(status: .tooManyRequests, headers: [.retryAfter: String(seconds)])
        }
        if let window = platform.windows.notice(at: now), window.isOn {
            let seconds = max(1, (window.to - now + 999) / 1_000)
            return Response(status: .serviceUnavailable, headers: [.retryAfter: String(seconds)])
        }
        guard await platform.keeper.isWritable(at: now) else { return Response(status: .serviceUnavailable) }
        guard let body = await body(of: request, at: now) else {
            strangers.note(address, now: now)
            return Response(status: .contentTooLarge, headers: [.connection: "close"])
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let answer = await platform.exchange.receive(
            WireRequest(
                method: request.method.rawValue,
                path: request.uri.path,
                query: request.uri.query ?? "",
                headers: headers,
                body: body
            )
        )
        // What nobody known has signed gets no signature of ours, and is counted.
        if !answer.isSigned { strangers.note(address, now: now) }
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(
            status: .init(code: answer.status),
            headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }

    /// The whole body, or nil when it is too long or takes too long.
    private func body(of request: Request, at now: Instant) async -> [UInt8]? {
        let stream = request.body
        let (bytes, seconds) = (
            limits.value(.reportSize, on: now.date), limits.value(.reportTime, on: now.date)
        )
        return await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                guard let buffer = try? await stream.collect(upTo: bytes) else { return nil }
                return Array(buffer.readableBytesView)
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}

/// Addresses that sent what nobody known has signed: a few a minute may be mistakes, more are not heard.
final class Strangers: Sendable {
    private static let addressesMax = 10_000
    private let seen = Mutex<[String: (since: Instant, count: Int)]>([:])

    /// Seconds until this address is heard again; nil when it is now.
    func wait(_ address: String, perMinute: Int, now: Instant) -> Int? {
        seen.withLock { seen in
            guard let known = seen[address], known.count >= perMinute, now - known.since < Instant.minute
            else { return nil }
            return max(1, Int((Instant.minute - (now - known.since) + 999) / 1_000))
        }
    }

    func note(_ address: String, now: Instant) {
        seen.withLock { seen in
            if seen.count >= Self.addressesMax {
                seen = seen.filter { now - $0.value.since < Instant.minute }
            }
            if seen.count >= Self.addressesMax { seen.removeAll() }
            let known = seen[address]
            if let known, now - known.since < Instant.minute {
                seen[address] = (known.since, known.count + 1)
            } else {
                seen[address] = (now, 1)
            }
        }
    }
}
