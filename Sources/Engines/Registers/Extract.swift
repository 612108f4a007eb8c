public import Kernel
public import Storage

/// What the register says about a subject at a moment: the text that is signed as a certified extract.
public struct Extract: Sendable {
    public let content: JSON

    /// - Parameters:
    ///   - moment: the entry in force then is shown; later ones are not.
    ///   - confidential: includes filings that only the enterprise and the authority may see.
    /// - Returns: nil when the subject did not stand in the register at that moment.
    public static func make(
        of code: String,
        at moment: Instant,
        confidential: Bool,
        in reader: any Reader
    ) throws -> Extract? {
        guard let subject = try RegisterStore.find(code, in: reader) else { return nil }
        let entries = try RegisterStore.entries(of: code, in: reader).filter { $0.at <= moment }
        guard let current = entries.last else { return nil }
        let filings = try RegisterStore.filings(of: code, on: moment.date, in: reader)
            .filter { confidential || !$0.isConfidential }
        let history: [JSON] = entries.map { entry in
            [
                "sequence": JSON(entry.sequence), "act": .string(entry.act.rawValue),
                "at": .string(entry.at.description), "digest": .string(entry.digest),
            ]
        }
        return Extract(content: [
            "register": .string(subject.register), "code": .string(code),
            "state": .string(current.state.rawValue),
            "region": .string(subject.region), "agency": .string(subject.agency),
            "establishedOn": .string(subject.establishedOn.description), "items": current.items,
            "filings": .array(
                filings.map {
                    ["kind": .string($0.kind), "value": confidential ? $0.value : $0.publicValue]
                }
            ),
            "history": .array(history), "asOf": .string(moment.description),
        ])
    }
}

extension Extract {
    /// What the register says today about an extract that somebody shows.
    public enum Standing: Sendable, Equatable {
        /// Every entry it names stands in the register, and none was made since.
        case current
        /// True when it was made; so many entries were made since.
        case outdated(entriesSince: Int)
        /// Names entries that the register does not have: not this register's.
        case foreign
    }

    /// Compares the entries that an extract names with the chain of the register. The signature is another matter
    /// (`SignedText`): it says who certified the text, this says whether it is still the whole story.
    public static func standing(of content: JSON, in reader: any Reader) throws -> Standing {
        guard let code = content["code"].text else { return .foreign }
        let shown = content["history"].elements
        let entries = try RegisterStore.entries(of: code, in: reader)
        guard !shown.isEmpty, shown.count <= entries.count else { return .foreign }
        for (line, entry) in zip(shown, entries)
        where line["digest"].text != entry.digest || line["sequence"].int != Int64(entry.sequence) {
            return .foreign
        }
        guard content["items"] == entries[shown.count - 1].items else { return .foreign }
        let since = entries.count - shown.count
        return since == 0 ? .current : .outdated(entriesSince: since)
    }
}

/// Everything that the public may read of a subject, at once: how it stands, how it came to stand so, what was
/// published of it and when, which public notes stand beside it.
public struct PublicRecord: Sendable {
    public let subject: RegisterSubject
    /// Oldest first.
    public let history: [RegisterEntry]
    /// Without the confidential ones.
    public let filings: [RegisterFiling]
    public let publications: [Publication]
    /// Abnormal operation and lost contact; complaints and court notices are no public matter.
    public let notes: [RegisterNote]
    /// What is not as it was entered and logged; nil when all is.
    public let problem: RegisterProblem?

    /// - Returns: nil when nobody stands under that code.
    public static func read(_ code: String, at now: Instant, in reader: any Reader) throws -> PublicRecord? {
        guard let subject = try RegisterStore.find(code, in: reader) else { return nil }
        let history = try RegisterStore.entries(of: code, in: reader)
        return PublicRecord(
            subject: subject,
            history: history,
            filings: try RegisterStore.filings(of: code, on: now.date, in: reader)
                .filter { !$0.isConfidential }.map(\.published),
            publications: try PublicationStore.of(code, in: reader),
            notes: try NoteStore.standing(on: code, at: now, in: reader).filter(\.kind.isPublic),
            problem: try RegisterProof.of(subject, entries: history, in: reader).problem
        )
    }
}
