public import Kernel
public import Storage

/// The licences that an application rests on, as they stand on a day: so that nobody is asked for what they show.
public struct HeldLicences: Sendable {
    /// By type in camel case, for `business-licence` is no name in FEEL: what stands on it, and its `state`; `none` where
    /// there is none.
    public let facts: JSON
    public let credentials: [Credential]

    /// Of each type the valid one, else the last that was issued.
    public static func of(
        _ types: [String],
        heldBy holder: String,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> HeldLicences {
        let held = types.isEmpty ? [] : try Credentials.held(by: holder, in: reader)
        var facts: JSON = [:]
        var taken: [Credential] = []
        for type in types {
            let own = held.filter { $0.record.type == type && $0.state(on: day) != .replaced }
            guard let one = own.last(where: { $0.state(on: day) == .valid }) ?? own.last else {
                facts[camel(type)] = ["state": "none"]
                continue
            }
            var fact = one.record.fields
            fact["state"] = .string(one.state(on: day).rawValue)
            facts[camel(type)] = fact
            taken.append(one)
        }
        return HeldLicences(facts: facts, credentials: taken)
    }

    private static func camel(_ key: String) -> String {
        let words = key.split(separator: "-")
        return words.prefix(1).joined()
            + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
