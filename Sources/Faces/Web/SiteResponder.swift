public import Hummingbird
import Kernel
import NIOCore

/// Joins the site with the HTTP server.
public struct SiteResponder: HTTPResponder {
    private let site: Site
    private let proxies: TrustedProxies

    public init(site: Site, proxies: TrustedProxies = TrustedProxies()) {
        self.site = site
        self.proxies = proxies
    }

    public func respond(to request: Request, context: SiteContext) async throws -> Response {
        await site.answer(request, from: proxies.client(of: request, peer: context.address))
    }
}

/// What the server knows of a request's origin.
public struct SiteContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The peer's IP address, without port.
    public let address: String

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
