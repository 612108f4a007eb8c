import CompanyOpening
import Draws
import Kernel
import Storage
import Web

/// The draws for later control, for everybody to compute again (Docs/formats/draw.md).
enum DrawCalls {
    /// Days of one answer.
    private static let daysMax = 100
    /// Samples of one answer.
    private static let samplesMax = 1_000

    private static let digits = "^[0-9a-f]{64}$"

    private static let draw = Shape.object([
        "id": .text("Identifier", lengthMax: 64),
        "purpose": .text("What is drawn for: the system and the day", lengthMax: 200),
        "commitment": .text("SM3 of the seed, hexadecimal", lengthMax: 64, pattern: digits),
        "committedAt": .integer("When the seed was fixed and logged", unit: "ms"),
        "seed": .text("The seed, hexadecimal; null until it is published", lengthMax: 64, pattern: digits)
            .orNull,
        "publishedAt": .integer("When the seed was published", unit: "ms").orNull,
        "count": .integer("How many were decided by it", min: 0),
        "digest": .text("Of all of them, once the seed is published", lengthMax: 64, pattern: digits).orNull,
    ])

    private static let sample = Shape.object([
        "item": .text("办件编号", lengthMax: 64),
        "rate": .integer("Parts of a million", min: 0, max: DrawRule.rateMax),
        "drawn": .flag("Whether it is controlled later"),
        "at": .integer("When it was decided", unit: "ms"),
    ])

    static func routes(_ desk: APIDesk) -> [Route] { [days(desk), samples(desk)] }

    private static func days(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/draws",
            who: .everyone,
            scope: .open,
            zh: "事后抽查的抽取：每日承诺值与公开的种子",
            en: "Draws for later control: each day's commitment, and its seed once it is published",
            request: .object([
                "below?": .text("Only purposes before this one, to read on", lengthMax: 200)
            ]),
            response: .object(["draws": .list(draw, countMax: daysMax)])
        ) { visit in
            let below = visit.query["below"]
            guard below.map({ isPurpose($0) }) ?? true else { throw WebRefusal.badField(name: "below") }
            let answer = try await desk.database.read { reader in
                try Draws.latest(
                    of: ControlSample.families,
                    below: below,
                    countMax: daysMax,
                    in: reader
                ).map { try json($0, in: reader) }
            }
            return .json(["draws": .array(answer)])
        }.noting(refusals: [422: ["web.bad-field"]])
    }

    private static func samples(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/draws/{id}",
            who: .everyone,
            scope: .open,
            zh: "一日的抽取结果（种子公开之后）",
            en: "What one day's draw decided, once its seed is published",
            request: .object([
                "after?": .text("Only items after this one, to read on", lengthMax: 64)
            ]),
            response: .object([
                "draw": draw, "samples": .list(sample, countMax: samplesMax),
                "next": .text("To be sent as `after` for what follows; null at the end", lengthMax: 64)
                    .orNull,
            ])
        ) { visit in
            let after = visit.query["after"] ?? ""
            guard after.utf8.count <= 64, after.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw WebRefusal.badField(name: "after")
            }
            let id: ID<Draw> = ID(try visit.segment("id"))
            let answer = try await desk.database.read { reader in
                try Self.answer(id, after: after, in: reader)
            }
            guard let answer else { throw DrawError.unknown }
            return .json(answer)
        }.noting(refusals: [404: ["draw.unknown"], 422: ["web.bad-field"]])
    }

    /// Until the seed is published nobody learns what was drawn, only how much was decided.
    private static func answer(_ id: ID<Draw>, after: String, in reader: any Reader) throws -> JSON? {
        guard let draw = try Draws.find(id, in: reader), draw.purpose.hasPrefix(ControlSample.families)
        else { return nil }
        var samples: [SampleResult] = []
        if draw.seed != nil {
            samples = try Draws.samples(of: id, after: after, countMax: samplesMax + 1, in: reader)
        }
        let page = samples.prefix(samplesMax)
        return [
            "draw": try json(draw, in: reader), "samples": .array(page.map(json)),
            "next": samples.count > samplesMax ? JSON(page.last?.item) : .null,
        ]
    }

    private static func isPurpose(_ words: String) -> Bool {
        words.hasPrefix(ControlSample.families) && words.utf8.count <= 200
            && words.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func json(_ draw: Draw, in reader: any Reader) throws -> JSON {
        [
            "id": .string(draw.id.rawValue), "purpose": .string(draw.purpose),
            "commitment": .string(draw.commitment), "committedAt": JSON(draw.committedAt.milliseconds),
            "seed": JSON(draw.seed),
            "publishedAt": draw.publishedAt.map { JSON($0.milliseconds) } ?? .null,
            "count": JSON(try draw.sampleCount ?? Draws.sampleCount(of: draw.id, in: reader)),
            "digest": JSON(draw.sampleDigest),
        ]
    }

    private static func json(_ sample: SampleResult) -> JSON {
        [
            "item": .string(sample.item), "rate": JSON(sample.rate), "drawn": .bool(sample.isDrawn),
            "at": JSON(sample.at.milliseconds),
        ]
    }
}
