public import Kernel

/// What a person tells the applicant whose case does not go on here: the list of a return, the grounds of a refusal,
/// the competent body.
public struct Told: Sendable, Equatable {
    /// One thing to be mended.
    public struct Point: Sendable, Equatable {
        public let what: String
        /// Why it cannot stay: the law or the fact it rests on.
        public let why: String
        /// How it is put right.
        public let how: String

        public init(what: String, why: String, how: String) {
            self.what = what
            self.why = why
            self.how = how
        }

        /// The parts of a point, in the order in which they are read.
        public enum Part: String, Sendable, CaseIterable { case what, why, how }

        /// The first part that says nothing.
        public var missing: Part? {
            let parts: [(Part, String)] = [(.what, what), (.why, why), (.how, how)]
            return parts.first { !$0.1.contains { !$0.isWhitespace } }?.0
        }
    }

    /// Of a return: everything at once (一次性告知), in the order in which it is to be read.
    public let points: [Point]
    /// Of a refusal: what was found.
    public let facts: String
    /// Of a refusal: the law that it rests on.
    public let law: String
    /// Of a hand-over: the body that is competent.
    public let body: String

    public init(points: [Point] = [], facts: String = "", law: String = "", body: String = "") {
        self.points = points
        self.facts = facts
        self.law = law
        self.body = body
    }

    public var json: JSON {
        [
            "points": .array(
                points.map { point in
                    ["what": .string(point.what), "why": .string(point.why), "how": .string(point.how)]
                }
            ),
            "facts": .string(facts), "law": .string(law), "body": .string(body),
        ]
    }

    /// Nil for null.
    public init?(json: JSON) {
        guard !json.isNull else { return nil }
        self.init(
            points: json["points"].elements.map {
                Point(what: $0["what"].text ?? "", why: $0["why"].text ?? "", how: $0["how"].text ?? "")
            },
            facts: json["facts"].text ?? "",
            law: json["law"].text ?? "",
            body: json["body"].text ?? ""
        )
    }

    /// A return lists at least one thing, each with its ground and its remedy, a refusal says facts and law besides its
    /// reason (Rules for the Implementation of the Regulations, articles 18 and 19), a hand-over names the body.
    func check(for event: CaseEvent) throws(CaseError) {
        let words = points.flatMap { [$0.what, $0.why, $0.how] } + [facts, law, body]
        guard words.allSatisfy({ $0.count <= CaseDesk.reasonCharactersMax }) else {
            throw .reasonTooLong(max: CaseDesk.reasonCharactersMax)
        }
        guard points.count <= Self.pointsMax else { throw .tooManyPoints(max: Self.pointsMax) }
        func isSaid(_ text: String) -> Bool { text.contains { !$0.isWhitespace } }
        switch event {
        case .return:
            guard !points.isEmpty else { throw .pointsMissing }
            for (index, point) in points.enumerated() {
                if let part = point.missing { throw .pointIncomplete(number: index + 1, part) }
            }
        case .refuse:
            guard isSaid(facts) else { throw .factsMissing }
            guard isSaid(law) else { throw .lawMissing }
        case .transfer: guard isSaid(body) else { throw .reasonMissing }
        case .askSignatures, .edit, .submit, .accept, .toPerson, .grant, .withdraw, .revoke, .restore, .lapse:
            break
        }
    }

    /// What one notice lists.
    public static let pointsMax = 50
}

/// Something that only a person can settle before a case is granted, such as words that no catalogue holds.
public struct OpenPoint: Sendable, Equatable {
    /// Under this name the answer is kept with the decision.
    public let name: String
    /// What it is about: a message key `settle.<kind>`, with `{words}`.
    public let kind: String
    public let words: String
    /// The answers to choose from, message keys `settle.<kind>.<answer>`.
    public let answers: [String]

    public init(name: String, kind: String, words: String, answers: [String]) {
        self.name = name
        self.kind = kind
        self.words = words
        self.answers = answers
    }
}

extension CaseDesk {
    /// What a person has to settle before he can grant the case.
    public func openPoints(of subject: Case) async throws -> [OpenPoint] {
        try module(of: try await definition(of: subject)).openPoints(of: subject)
    }

    /// - Throws: `CaseError.unsettled` with the words of the first point that has no answer of its own.
    static func checkSettled(_ points: [OpenPoint], _ settled: [String: String]) throws(CaseError) {
        for point in points {
            guard let answer = settled[point.name], point.answers.contains(answer) else {
                throw .unsettled(point.words)
            }
        }
    }
}
