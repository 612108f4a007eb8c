import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Web

/// The portal in the outer zone: every request for one of its pages goes inside as a message. Whoever is not answered
/// soon is shown how far his request is, and looks again.
struct FrontDoor: HTTPResponder {
    let desk: FrontDesk
    let site: Site
    let proxies: TrustedProxies
    let isSecure: Bool
    /// How often an address may ask. Who has signed in is known inside only, and counted there.
    let limiters: RequestLimiters
    /// Of this front's own, for this machine alone. Those of a node stay inside.
    let metrics: MetricsPage
    let clock: any Clock
    let entropy: any Entropy

    static let received = "/received/"

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        if let figures = await figures(request, from: context.address) { return figures }
        return await answer(request, from: proxies.client(of: request, peer: context.address))
    }

    /// - Returns: nil where there is no such page: for anybody but this machine itself.
    func figures(_ request: Request, from peer: String) async -> Response? {
        guard request.uri.path == MetricsPage.path, request.method == .get,
            metrics.isOpen(to: request, from: peer)
        else { return nil }
        var response = await metrics.respond(to: request, from: peer)
        SafetyHeaders.add(to: &response.headers, isSecure: isSecure)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    func answer(_ request: Request, from address: String) async -> Response {
        let begun = ContinuousClock.now
        let response = await answered(request, from: address)
        desk.meters.answered(status: response.status.code, in: ContinuousClock.now - begun)
        return response
    }

    private func answered(_ request: Request, from address: String) async -> Response {
        let path = request.uri.path
        // Whatever is asked counts, a look at what is under way too.
        if let seconds = limiters.wait(address: address, account: nil, now: clock.now) {
            return await site.refuse(WebRefusal.tooManyRequests(seconds: seconds), request, from: address)
        }
        if path.hasPrefix(Self.received), request.method == .get || request.method == .head {
            let id = String(path.dropFirst(Self.received.count))
            if case .answered(let answer) = await desk.look(id, owner: owner(of: request)) {
                return await response(answer, to: request, from: address)
            }
            return await site.answer(request, from: address)
        }
        // What has no secrets in it is served here.
        if path.hasPrefix("/assets/") { return await site.answer(request, from: address) }
        guard PublicPaths.isOpen(path) else {
            return await site.refuse(WebRefusal.notFound, request, from: address)
        }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard PublicPaths.methods.contains(method) else {
            let allowed = (PublicPaths.methods.union(["HEAD"])).sorted()
            return await site.refuse(WebRefusal.methodNotAllowed(allowed: allowed), request, from: address)
        }
        do {
            return try await ask(request, as: method, from: address)
        } catch let refusal as any Refusal {
            return await site.refuse(refusal, request, from: address)
        } catch {
            desk.end.logger.error("a request was not sent", metadata: ["error": "\(error)"])
            return await site.refuse(RelayPageRefusal.unreachable, request, from: address)
        }
    }

    private func ask(_ request: Request, as method: String, from address: String) async throws -> Response {
        let newcomer = secret(of: request) == nil ? Base32.encode(entropy.bytes(20)) : nil
        let owner = newcomer.map { SM3.digest(Array($0.utf8)) } ?? owner(of: request)
        if method == "POST", request.uri.path == PublicPaths.signOut { await desk.leave(owner: owner) }
        let most = desk.end.limits.size - RelayMessage.headMax
        // Also of an address with a host: inside only a path is good.
        let target = request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
        // Nobody's body is read before there is a place for all of it.
        let length = method == "GET" ? 0 : request.headers[.contentLength].flatMap { Int($0) } ?? most
        let id: String
        do throws(FrontDesk.Full) {
            let bytes = min(max(0, length), most)
            id = try await desk.take(block: AddressBlock.of(address), owner: owner, bytes: bytes)
        } catch {
            return await refuse(error, request, from: address)
        }
        do {
            let body = try await site.body(of: request, max: most)
            try await desk.send(
                id,
                content: [
                    "address": .string(address), "method": .string(method),
                    "target": .string(target),
                ],
                headers: headers(of: request),
                body: body
            )
        } catch {
            await desk.free(id)
            throw error
        }
        if let answer = await desk.answer(id) {
            await desk.free(id)
            return await response(answer, to: request, from: address)
        }
        var away = away(to: "\(Self.received)\(id)", request)
        SafetyHeaders.add(to: &away.headers, isSecure: isSecure)
        away.headers[.cacheControl] = "no-store"
        if let newcomer { away.headers.append(cookie(newcomer)) }
        return away
    }

    /// A part of a page that a script asked for cannot wait in its place: then the whole page goes there.
    private func away(to path: String, _ request: Request) -> Response {
        if let asks = HTTPField.Name("HX-Request"), let go = HTTPField.Name("HX-Redirect"),
            request.headers[asks] == "true"
        {
            return Response(status: .noContent, headers: [go: path])
        }
        return Response(status: .seeOther, headers: [.location: path])
    }

    private func headers(of request: Request) -> [(name: String, value: String)] {
        let all = request.headers.filter { RelayHeaders.passes($0.name.rawName) }.map {
            (name: $0.name.rawName, value: $0.value)
        }
        return all + (request.head.authority.map { [("host", $0)] } ?? [])
    }

    private func refuse(_ full: FrontDesk.Full, _ request: Request, from address: String) async -> Response {
        let refusal: RelayPageRefusal =
            switch full {
            case .all: .full
            case .address: .ownShare
            case .gate: .gateFull
            }
        var response = await site.refuse(refusal, request, from: address)
        // As long as a page waits: then some of those that wait are served. The files are counted as often as it looks.
        let wait = full == .gate ? desk.end.limits.look : desk.end.limits.wait
        response.headers[.retryAfter] = String(max(1, wait / 1_000))
        if request.headers[.contentLength] != "0" { response.headers[.connection] = "close" }
        return response
    }

    private func response(_ answer: RelayMessage, to request: Request, from address: String) async -> Response
    {
        guard let status = answer.content["status"].int, (200...599).contains(status) else {
            let isUndone = answer.content["failure"].text == RelayFailure.unreachable.rawValue
            return await site.refuse(
                isUndone ? RelayPageRefusal.unreachable : .lost,
                request,
                from: address
            )
        }
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if RelayHeaders.passes(name), let name = HTTPField.Name(name) {
                headers.append(HTTPField(name: name, value: value))
            }
        }
        let whole = Response(
            status: .init(code: Int(status)),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
        return request.method == .head ? whole.createHeadResponse() : whole
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
