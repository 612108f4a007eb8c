import ArgumentParser
import Foundation
import Kernel
import Logging
import Server
import Web

/// The portal in an outer zone that reaches the platform through messages only.
struct Front: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Serve the portal in an outer zone: its requests go inside as sealed messages through a folder."
    )

    @OptionGroup var home: HomeOption
    @Option(help: "The folder of messages: requests are written, answers are read.")
    var relay: String
    @Option(
        help: "The folder of this side's keys, made at the first start, and the relay's two .pub.pem."
    )
    var keys: String
    @Option(help: "The user as which the gate runs, when it is not this program's or root: it reads no key.")
    var gate: String?
    @Option(help: "Where to listen.")
    var port = 8081
    @Option(help: "The address under which browsers see the site, such as https://suban.example.")
    var origin: String?
    @Option(help: "The address of a proxy whose X-Forwarded-For counts; may be given several times.")
    var proxy: [String] = []
    @Option(help: "text, or json for a line of JSON each.")
    var log = LogForm.text

    func validate() throws {
        try SiteOptions.check(port: port, origin: origin, addresses: [("proxy", proxy)])
    }

    func run() async throws {
        do {
            try await Relay.front(
                relay: relay,
                keys: keys,
                gate: gate,
                home: try home.find(),
                origin: origin,
                port: port,
                proxies: TrustedProxies(Set(proxy)),
                logger: log.logger("suban.front", level: .notice),
                ready: { port in say("http://127.0.0.1:\(port)") }
            )
        } catch let fault as RelayStart {
            throw ValidationError(fault.description)
        }
    }
}

/// The inner end of the messages.
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Answer the messages of `suban front` in the inner zone, by asking the platform."
    )

    @OptionGroup var home: HomeOption
    @Option(help: "The folder of messages: requests are read, answers are written.")
    var relay: String
    @Option(
        help: "The folder of this side's keys, made at the first start, and the front's two .pub.pem."
    )
    var keys: String
    @Option(help: "The user as which the gate runs, when it is not this program's or root: it reads no key.")
    var gate: String?
    @Option(
        help: "Where the platform answers; start it with --proxy 127.0.0.1, or with this machine's address."
    )
    var to = "http://127.0.0.1:8080"
    @Option(help: "text, or json for a line of JSON each.")
    var log = LogForm.text

    func validate() throws {
        guard SiteOptions.isPlace(to, schemes: ["http", "https"]) else {
            throw ValidationError("--to is http:// or https:// and a host, without a path.")
        }
    }

    func run() async throws {
        do {
            try await Relay.inner(
                relay: relay,
                keys: keys,
                gate: gate,
                platform: to,
                home: try home.find(),
                logger: log.logger("suban.relay", level: .notice)
            )
        } catch let fault as RelayStart {
            throw ValidationError(fault.description)
        }
    }
}
