import Cryptography
import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Web

/// The portal in the outer zone: every request for one of its pages goes inside as a message. Whoever is not answered
/// soon is told the number of his request, and looks again.
struct FrontDoor: HTTPResponder {
    let desk: FrontDesk
    let site: Site
    let proxies: TrustedProxies
    let isSecure: Bool
    /// How often an address may ask. Who has signed in is known inside only, and counted there.
    let limiters: RequestLimiters
    let clock: any Clock
    let entropy: any Entropy

    static let received = "/received/"
    private static let pause = Duration.milliseconds(15)

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        try await answer(request, from: proxies.client(of: request, peer: context.address))
    }

    func answer(_ request: Request, from address: String) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix(Self.received) {
            let number = Int64(path.dropFirst(Self.received.count)) ?? 0
            if case .answered(let answer) = await desk.look(number, owner: owner(of: request)) {
                return response(answer)
            }
            return await site.answer(request, from: address)
        }
        // What has no secrets in it is served here.
        if path.hasPrefix("/assets/") { return await site.answer(request, from: address) }
        guard PublicPaths.isOpen(request.method.rawValue, path) else {
            return await site.refuse(WebRefusal.notFound, request, from: address)
        }
        return try await ask(request, from: address)
    }

    private func ask(_ request: Request, from address: String) async throws -> Response {
        if let seconds = limiters.wait(address: address, account: nil, now: clock.now) {
            return await site.refuse(WebRefusal.tooManyRequests(seconds: seconds), request, from: address)
        }
        let body: [UInt8]
        do {
            // A little less than a message, for the head beside it.
            let buffer = try await request.body.collect(upTo: desk.limits.size - 65_536)
            body = Array(buffer.readableBytesView)
        } catch {
            return await site.refuse(
                WebRefusal.bodyTooLarge(bytesMax: desk.limits.size - 65_536),
                request,
                from: address
            )
        }
        let newcomer = secret(of: request) == nil ? Base32.encode(entropy.bytes(20)) : nil
        let owner = newcomer.map { SM3.digest(Array($0.utf8)) } ?? owner(of: request)
        var headers = request.headers.filter { RelayHeaders.passes($0.name.rawName) }.map {
            (name: $0.name.rawName, value: $0.value)
        }
        if let host = request.head.authority { headers.append(("host", host)) }
        let sent = try await desk.send(
            content: [
                "address": .string(address), "method": .string(request.method.rawValue),
                "target": .string(request.uri.string),
            ],
            headers: headers,
            body: body,
            owner: owner
        )
        guard let number = sent else {
            return await site.refuse(WebRefusal.closed(seconds: 30), request, from: address)
        }
        if let answer = try await answer(number, owner: owner) {
            await desk.delivered(number)
            return response(answer)
        }
        var away = Response(status: .seeOther, headers: [.location: "\(Self.received)\(number)"])
        SafetyHeaders.add(to: &away.headers, isSecure: isSecure)
        away.headers[.cacheControl] = "no-store"
        if let newcomer { away.headers.append(cookie(newcomer)) }
        return away
    }

    /// The answer, if it comes while a person would still wait for a page.
    private func answer(_ number: Int64, owner: [UInt8]) async throws -> RelayMessage? {
        let end = ContinuousClock.now + .milliseconds(desk.limits.wait)
        while true {
            if case .answered(let answer) = await desk.look(number, owner: owner) { return answer }
            guard ContinuousClock.now < end else { return nil }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func response(_ answer: RelayMessage) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if RelayHeaders.passes(name), let name = HTTPField.Name(name) {
                headers.append(HTTPField(name: name, value: value))
            }
        }
        return Response(
            status: .init(code: Int(answer.content["status"].int ?? 502)),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }

    // MARK: whose request it is

    private var cookieName: String { isSecure ? "__Host-suban-front" : "suban-front" }

    private func cookie(_ secret: String) -> HTTPField {
        let security = isSecure ? "; Secure" : ""
        return HTTPField(
            name: .setCookie,
            value: "\(cookieName)=\(secret); Path=/; HttpOnly; SameSite=Lax\(security)"
        )
    }

    private func secret(of request: Request) -> String? {
        request.headers[values: .cookie].joined(separator: ";").split(separator: ";")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .first { $0.hasPrefix("\(cookieName)=") }
            .map { String($0.dropFirst(cookieName.count + 1)) }
            .flatMap { $0.utf8.count == 32 ? $0 : nil }
    }

    /// Nobody's where there is no cookie.
    private func owner(of request: Request) -> [UInt8] {
        secret(of: request).map { SM3.digest(Array($0.utf8)) } ?? []
    }
}

/// The page of a request that is under way.
enum ReceivedPage {
    static func face(_ desk: FrontDesk) -> Face {
        Face(routes: [
            .page(
                .get,
                "/received/{number}",
                who: .everyone,
                scope: .own,
                zh: "已收到，稍后查看",
                en: "Received, look again"
            ) { visit in
                let number = try visit.segment("number")
                guard let value = Int64(number), value > 0 else { throw WebRefusal.notFound }
                let owner = visit.cookie("suban-front").map { SM3.digest(Array($0.utf8)) } ?? []
                guard case .open = await desk.look(value, owner: owner) else {
                    throw RelayPageRefusal.noAnswer(number: String(value))
                }
                var reply = Reply.page(
                    "relay/received",
                    ReceivedView(
                        sentence: visit.text("relay.received.sentence", ["number": String(value)]),
                        href: "\(FrontDoor.received)\(value)"
                    ),
                    heading: Heading(visit.text("relay.received.title")),
                    status: 202
                )
                reply.headers["Refresh"] = "5"
                return reply
            }
        ])
    }

    struct ReceivedView: PageView {
        let sentence: String
        let href: String
    }
}

enum RelayPageRefusal: Refusal {
    /// Nobody knows of an answer to this number any more, or it is somebody else's.
    case noAnswer(number: String)

    var code: String {
        switch self {
        case .noAnswer: "relay.no-answer"
        }
    }

    var arguments: [String: String] {
        switch self {
        case .noAnswer(let number): ["number": number]
        }
    }

    var status: RefusalStatus {
        switch self {
        case .noAnswer: .notFound
        }
    }
}
