import Audit
import Cases
import Foundation
import Kernel
import NIOCore
import Server
import Storage

/// People who call `/api/v1` with their sessions, and the server they call: `suban serve` in a process of its own.
struct CallCourse {
    let settings: BenchSettings
    let path: String
    /// Nil for SQLite in the folder.
    let databaseURL: String?

    /// Forms that one person may have open (Systems/company-opening/limits.yaml).
    private static let draftsMax = 50

    struct Caller: Sendable {
        let number: Int
        let token: String
        let applicant: String
        /// A form of his, when he reads one.
        var draft = ""
    }

    /// So many people, signed in; each with one form begun, when `withDraft`.
    func callers(_ count: Int, withDraft: Bool) async throws -> [Caller] {
        settings.progress("\(count) people sign up and in")
        let town = try await DemoTown(home: settings.home, folder: path, at: SystemClock().now) {
            $0.entropy = SystemEntropy()
            $0.databaseURL = databaseURL
        }
        let factory = try await OpeningFactory(town: town)
        let callers = try await inParallel(Array(0..<count), at: 16) { number in
            let (actor, token) = try await factory.known(number)
            var caller = Caller(number: number, token: token, applicant: actor.id)
            if withDraft {
                let begun = try await town.platform.desk.start(
                    system: "company-opening",
                    item: "llc",
                    region: "150203",
                    channel: .online,
                    data: [:],
                    occasion: factory.occasion(actor)
                )
                caller.draft = begun.id.rawValue
            }
            return caller
        }
        try await town.settle()
        try await town.platform.keeper.round()
        await town.platform.database.close()
        return callers
    }

    func server() async throws -> BenchServer {
        try await BenchServer(
            settings: settings,
            folder: path,
            isDemonstration: false,
            databaseURL: databaseURL
        )
    }

    /// How many people it takes to begin so many forms.
    static func people(for writes: Int) -> Int { (writes + draftsMax - 1) / draftsMax }

    /// Each person begins as many forms as he may, under a key of its own; people take turns.
    static func writes(of callers: [Caller], count: Int) -> LoadClient.Requests {
        let body = #"{"item":"llc","region":"150203"}"#
        let messages = (0..<count).map { number in
            message(
                "POST /api/v1/cases",
                of: callers[number % callers.count],
                fields: [
                    "content-type: application/json", "content-length: \(body.utf8.count)",
                    "idempotency-key: bench-write-\(String(format: "%08d", number))",
                ],
                body: body
            )
        }
        return LoadClient.Requests(messages: messages[...], isOnce: true, status: 201, keepsBodies: true)
    }

    /// People save their forms in turn, each time with the version that they were told before. Each of the turns has people
    /// of its own: it may end before all were sent.
    static func saves(of callers: [Caller], count: Int, turns: Int) -> LoadClient.Requests {
        let (share, people) = (count / turns, callers.count / turns)
        let messages = (0..<share * turns).map { number in
            let place = number % share
            let caller = callers[number / share * people + place % people]
            let body = #"{"data":{},"version":\#(place / people + 1)}"#
            return message(
                "PUT /api/v1/cases/\(caller.draft)/data",
                of: caller,
                fields: ["content-type: application/json", "content-length: \(body.utf8.count)"],
                body: body
            )
        }
        return LoadClient.Requests(messages: messages[...], isOnce: true, status: 200)
    }

    /// Each person reads his form, in turn and again.
    static func reads(of callers: [Caller]) -> LoadClient.Requests {
        let messages = callers.map { message("GET /api/v1/cases/\($0.draft)", of: $0) }
        return LoadClient.Requests(messages: messages[...], isOnce: false, status: 200)
    }

    /// A verifier takes each code in, once.
    static func presentations(of codes: [String]) -> LoadClient.Requests {
        let messages = codes.enumerated().map { number, code in
            let body = #"{"code":"\#(code)","organisation":"包头某某超市"}"#
            return message(
                "POST /api/v1/licences/presentation",
                of: Caller(number: number / 4, token: "", applicant: ""),
                fields: ["content-type: application/json", "content-length: \(body.utf8.count)"],
                body: body
            )
        }
        return LoadClient.Requests(messages: messages[...], isOnce: true, status: 200)
    }

    /// The same bytes, asking for something else.
    static func same(_ requests: LoadClient.Requests, asking line: (Int) -> String) -> LoadClient.Requests {
        let messages = requests.messages.enumerated().map { number, message in
            let rest = message.readableBytesView.drop { $0 != UInt8(ascii: "\r") }
            return ByteBuffer(bytes: Array(line(number).utf8) + rest)
        }
        return LoadClient.Requests(messages: messages[...], isOnce: false, status: 200)
    }

    /// Each caller has an address of his own of 100.64.0.0/10, which nobody has (RFC 6598), behind a proxy that the
    /// server trusts: limits count as they do for people in a thousand places.
    private static func message(
        _ line: String,
        of caller: Caller,
        fields: [String] = [],
        body: String = ""
    ) -> ByteBuffer {
        let address = "100.\(64 + caller.number / 65_536).\(caller.number / 256 % 256).\(caller.number % 256)"
        let head =
            [
                "\(line) HTTP/1.1", "host: 127.0.0.1", "accept: application/json",
                "x-forwarded-for: \(address)",
            ] + (caller.token.isEmpty ? [] : ["cookie: suban-session=\(caller.token)"]) + fields
        return ByteBuffer(string: head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
