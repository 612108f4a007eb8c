import Exchange
import Foundation
import Hummingbird
public import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
public import Web

/// The two programs of the relay, behind a socket in the outer zone and before the platform in the inner one.
public enum Relay {
    /// Serves the portal in the outer zone until it is told to stop.
    /// - Parameter ready: called with the port once the socket listens.
    public static func front(
        relay: String,
        keys: String,
        home: Home,
        origin: String?,
        port: Int,
        proxies: TrustedProxies,
        logger: Logger,
        ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let operating = try OperatingLimits(home: home)
        let day = SystemClock().now.date
        let desk = try FrontDesk(
            relay: relay,
            keys: try folder(keys, own: "front", other: "relay"),
            limits: operating.relay(on: day),
            clock: SystemClock(),
            entropy: SystemEntropy(),
            logger: logger
        )
        let door = try door(
            desk: desk,
            home: home,
            origin: origin,
            limits: operating,
            proxies: proxies,
            clock: SystemClock(),
            logger: logger
        )
        let idle = TimeAmount.seconds(Int64(operating.value(.idle, on: day)))
        let application = Application(
            responder: door,
            server: .http1(configuration: .init(idleTimeout: idle)),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        try await run("front", application, logger)
    }

    /// Answers messages in the inner zone until it is told to stop.
    public static func inner(relay: String, keys: String, platform: String, home: Home, logger: Logger)
        async throws
    {
        let rounds = try RelayRounds(
            relay: relay,
            keys: try folder(keys, own: "relay", other: "front"),
            platform: platform,
            limits: OperatingLimits(home: home).relay(on: SystemClock().now.date),
            clock: SystemClock(),
            logger: logger
        )
        try await run("relay", RelayService(rounds: rounds, logger: logger), logger)
    }

    static func door(
        desk: FrontDesk,
        home: Home,
        origin: String?,
        limits: OperatingLimits,
        proxies: TrustedProxies,
        clock: any Clock,
        logger: Logger
    ) throws -> FrontDoor {
        let site = try Site(
            files: SiteFiles.load(home),
            settings: SiteSettings(
                origin: origin,
                // Guards forms, and there is none here: those of the pages are guarded inside.
                secret: SystemEntropy().bytes(32),
                bodySecondsMax: limits.value(.bodyTime, on: clock.now.date)
            ),
            ports: SitePorts(),
            faces: [ReceivedPage.face(desk)],
            clock: clock,
            logger: logger
        )
        return FrontDoor(
            desk: desk,
            site: site,
            proxies: proxies,
            isSecure: origin != nil,
            limiters: limits.limiters,
            clock: clock,
            entropy: SystemEntropy()
        )
    }

    /// The own key is made where there is none; the other side's never is.
    private static func folder(_ keys: String, own: String, other: String) throws -> ExchangeKeyFolder {
        let folder = ExchangeKeyFolder(path: keys)
        _ = try folder.key(of: own)
        guard folder.knows(other) else { throw RelayKeyMissing(folder: keys, own: own, other: other) }
        return folder
    }

    private static func run(_ name: String, _ service: any Service, _ logger: Logger) async throws {
        let configuration = ServiceGroupConfiguration(
            services: [.init(service: service, serviceName: name)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// The public key of the other zone is not there yet.
public struct RelayKeyMissing: Error, CustomStringConvertible {
    let folder: String
    let own: String
    let other: String

    public var description: String {
        "\(folder)/\(other).pub.pem is missing: bring it from the other zone, and take \(folder)/\(own).pub.pem there."
    }
}
