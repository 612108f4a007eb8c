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
            "filings": .array(filings.map { ["kind": .string($0.kind), "value": $0.value] }),
            "history": .array(history), "asOf": .string(moment.description),
        ])
    }
}
