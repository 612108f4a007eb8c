import Cryptography
import HTTPTypes
public import Hummingbird
public import Kernel
public import Logging
import NIOCore
import Storage

/// The whole web side of the program: reads a request, finds its route, checks who asks, lets the handler
/// answer, and writes the answer with every header that the browser needs to protect the visitor.
///
/// An object, because every request carries it along.
public final class Site: Sendable {
    public let table: RouteTable
    public let settings: SiteSettings
    public let messages: Messages
    public let assets: Assets
    public let icons: Icons
    let ports: SitePorts
    let templates: Templates
    let navigation: [NavigationEntry]
    let clock: any Clock
    let entropy: any Entropy
    let logger: Logger

    /// - Parameter files: read once with `SiteFiles.load`; any fault in them ends the start with one line.
    public init(
        files: SiteFiles,
        settings: SiteSettings,
        ports: SitePorts,
        faces: [Face],
        clock: any Clock,
        entropy: any Entropy = SystemEntropy(),
        logger: Logger
    ) throws {
        messages = files.messages
        assets = files.assets
        icons = files.icons
        templates = files.templates
        var written = faces.flatMap(\.routes) + [assets.route]
        if settings.isDemonstration { written.append(GalleryPage.route) }
        written += SiteRoutes.all(of: written, madeUp: ports.madeUp, messages: messages)
        table = try RouteTable(written)
        navigation = faces.flatMap(\.navigation)
        let known = table
        for entry in navigation where !known.has(.get, entry.path) {
            throw RouteTable.Contradiction(
                description: "the navigation leads to \(entry.path), which is no route"
            )
        }
        self.settings = settings
        self.ports = ports
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Answers one request. Never throws: whatever goes wrong becomes an answer.
    /// - Parameter address: the peer's address, without port.
    public func answer(_ request: Request, from address: String) async -> Response {
        let (now, begun) = (clock.now, ContinuousClock.now)
        let asked = Asked(
            request: request,
            address: address,
            id: ID<Request>.new(at: now, entropy: entropy).rawValue,
            now: now,
            site: self
        )
        let (response, route) = await RequestTag.$current.withValue(asked.id) { await answer(request, asked) }
        ports.answered(
            Answered(
                request: asked.id,
                method: Route.Method(rawValue: asked.method) != nil || asked.method == "HEAD"
                    ? asked.method : "-",
                route: route?.path ?? "-",
                status: response.status.code,
                duration: ContinuousClock.now - begun
            )
        )
        return response
    }

    /// Refuses a request as the site's own pages and calls do: for what stands before them.
    public func refuse(_ refusal: any Refusal, _ request: Request, from address: String) async -> Response {
        let now = clock.now
        var asked = Asked(
            request: request,
            address: address,
            id: ID<Request>.new(at: now, entropy: entropy).rawValue,
            now: now,
            site: self
        )
        asked.chooseLanguage()
        return await refuse(refusal, visit: nil, asked: asked)
    }

    /// The whole body of a request, never more than allowed and never longer than allowed: for what carries it elsewhere.
    /// - Throws: `WebRefusal.bodyTooLarge`, `.bodyTooSlow`, `.unreadableForm`.
    public func body(of request: Request, max: Int) async throws -> [UInt8] {
        try await BodyReader(secondsMax: settings.bodySecondsMax).read(request, max: max)
    }

    private func answer(_ request: Request, _ asked: Asked) async -> (Response, Route?) {
        var asked = asked
        do {
            let (route, segments) = try find(request, asked: &asked)
            asked.route = route
            let visit = try await read(request, asked: &asked, route: route, segments: segments)
            return (await handle(visit, route: route, asked: asked), route)
        } catch {
            // Who knocks at doors that do not exist is counted like everybody else.
            if asked.route == nil, let seconds = ports.wait(asked.address, nil, nil, asked.now) {
                let refusal = WebRefusal.tooManyRequests(seconds: seconds)
                return (await refuse(refusal, visit: nil, asked: asked), nil)
            }
            return (await refuse(error, visit: nil, asked: asked), asked.route)
        }
    }

    private func find(
        _ request: Request,
        asked: inout Asked
    ) throws(WebRefusal) -> (route: Route, segments: [String: String]) {
        guard request.uri.string.utf8.count <= 16_384 else { throw .addressTooLong }
        if let seconds = ports.closed() { throw .closed(seconds: seconds) }
        asked.query = try FormValues.read(Array((request.uri.query ?? "").utf8), fieldsMax: 200)
        asked.chooseLanguage()
        let path = try Asked.segments(of: request.uri.path)
        let name = request.method == .head ? "GET" : request.method.rawValue
        switch table.find(Route.Method(rawValue: name), path) {
        case .route(let route, let segments): return (route, segments)
        case .otherMethods(let allowed): throw .methodNotAllowed(allowed: allowed)
        case .nothing: throw .notFound
        }
    }

    private func read(
        _ request: Request,
        asked: inout Asked,
        route: Route,
        segments: [String: String]
    ) async throws -> Visit {
        if route.method != .get, let window = ports.notice(asked.now), window.isOn {
            throw WebRefusal.maintenance(
                until: window.to.minuteText,
                seconds: max(1, Int((window.to - asked.now + 999) / 1_000))
            )
        }
        if route.method != .get, await !ports.isWritable(asked.now) { throw WebRefusal.readOnly }
        if let token = asked.cookie("suban-session"),
            let (visitor, answers) = try await ports.session(
                token,
                asked.now,
                ports.mayAskAlong(asked.address, asked.now) ? route.questions?(segments) ?? [] : []
            )
        {
            (asked.visitor, asked.answers) = (visitor, answers)
        }
        if let seconds = ports.wait(asked.address, asked.visitor, route, asked.now) {
            throw WebRefusal.tooManyRequests(seconds: seconds)
        }
        let boundary = route.face == .page ? MultipartForm.boundary(request.headers[.contentType]) : nil
        let upload = boundary == nil && route.face == .page ? nil : route.upload
        let most = upload.map { ports.uploadBytesMax($0, asked.now) } ?? route.bodyBytesMax
        let bytes = try await self.body(of: request, max: most)
        var form = FormValues()
        var body = JSON.null
        if route.method != .get {
            switch BodyReader.kind(request.headers[.contentType], isEmpty: bytes.isEmpty) {
            case .form: form = try FormValues.read(bytes)
            case .json: body = try JSON.read(bytes, depthMax: 32, sizeBytesMax: route.bodyBytesMax)
            case .none, .other(route.notes.takes ?? ""): break
            case .other(let type):
                guard let boundary else { throw WebRefusal.unsupportedBody(type: type) }
                form = try MultipartForm.read(bytes, boundary: boundary)
            }
        }
        if route.face == .api && asked.visitor == nil {
            let call = SignedCall(
                method: request.method.rawValue,
                target: request.uri.string,
                headers: asked.headers.all,
                bytes: bytes,
                now: asked.now
            )
            asked.visitor = try await ports.key(call)
        }
        if route.face == .page { asked.guardSeed = asked.guardSeed ?? Base32.encode(entropy.bytes(15)) }
        let visit = Visit(
            asked,
            route: route,
            segments: segments,
            form: form,
            body: body,
            bytes: bytes
        )
        if route.method != .get {
            let guardian = FormGuard(settings: settings)
            do throws(WebRefusal) {
                try guardian.check(visit, route: route, cookieSeed: asked.cookie("suban-form"))
                try admit(visit, route: route)
            } catch {
                asked.unsent = await UnsentForm(
                    visit,
                    route: route,
                    refusal: error,
                    guardian: guardian,
                    seed: asked.guardSeed ?? ""
                )
                // Whose session is over is told to sign in, whatever his form carries.
                throw asked.unsent?.needsSignIn == true ? .signInNeeded : error
            }
        }
        try admit(visit, route: route)
        return visit
    }

    private func admit(_ visit: Visit, route: Route) throws(WebRefusal) {
        if !visit.roles.isDisjoint(with: route.who) { return }
        guard visit.visitor != nil else { throw .signInNeeded }
        let named = Role.allCases.filter { route.who.contains($0) && $0 != .anonymous }
        throw .forbidden(who: named.map { visit.text("role.\($0.rawValue)") })
    }

    private func handle(_ visit: Visit, route: Route, asked: Asked) async -> Response {
        var asked = asked
        // Who carries no cookies has to be answered by the database itself.
        let trail = route.face == .page ? ReaderTrail(place: asked.place) : nil
        do {
            let reply =
                trail == nil
                ? try await route.handle(visit)
                : try await ReaderTrail.$current.withValue(trail) { try await route.handle(visit) }
            if let place = trail?.newPlace { asked.remember(place: place) }
            if case .refusal(let refusal) = reply.content {
                return await refuse(refusal, visit: visit, asked: asked)
            }
            return try ReplyWriter(site: self, asked: asked, visit: visit).write(reply)
        } catch let moved as Elsewhere {
            if let place = trail?.newPlace { asked.remember(place: place) }
            return ReplyWriter(site: self, asked: asked, visit: visit).redirect(to: moved.path)
        } catch {
            return await refuse(error, visit: visit, asked: asked)
        }
    }

    private func refuse(_ error: any Error, visit: Visit?, asked: Asked) async -> Response {
        let refusal: any Refusal
        if case StorageError.unreachable = error {
            // What whoever runs the program can mend stands in its log; nobody outside is told of addresses and firewalls.
            refusal = StorageError.unavailable("")
        } else if let known = error as? any Refusal {
            refusal = known
        } else if error is CancellationError {
            // The server ends, or whoever asked has gone: nothing failed.
            refusal = WebRefusal.closed(seconds: ports.closed() ?? 1)
        } else {
            logger.error(
                "a request failed",
                metadata: [
                    "request": "\(asked.id)", "route": "\(asked.route?.path ?? "-")", "error": "\(error)",
                ]
            )
            refusal = WebRefusal.failed(reference: asked.id)
        }
        if let visit, visit.visitor != nil { await ports.refused(visit, refusal) }
        return ReplyWriter(site: self, asked: asked, visit: visit).write(refusal: refusal)
    }
}

/// What the site reads from disk at its start.
public struct SiteFiles: Sendable {
    public let messages: Messages
    public let assets: Assets
    public let icons: Icons
    public let templates: Templates

    /// Reads messages, assets, icons and templates.
    public static func load(_ home: Home) throws -> SiteFiles {
        let messages = try Messages.load(home)
        let (assets, icons) = try Assets.load(home)
        let templates = try Templates.load(home, messages: messages, icons: icons)
        return SiteFiles(messages: messages, assets: assets, icons: icons, templates: templates)
    }
}
