import ArgumentParser
import Kernel

/// The value of an option that is one of a list.
/// - Parameter option: as it is typed, such as `--role`.
func choice<Value: CaseIterable & RawRepresentable<String>>(_ text: String, of option: String) throws -> Value
{
    guard let value = Value(rawValue: text) else {
        throw ValidationError("\(option) \(text) is none. Write one of: \(list(of: Value.self))")
    }
    return value
}

/// What such an option takes, for the help.
func list<Value: CaseIterable & RawRepresentable<String>>(of _: Value.Type) -> String {
    Value.allCases.map(\.rawValue).joined(separator: ", ")
}

/// Reads the day that an option names.
func day(_ text: String, of option: String) throws -> LocalDate {
    guard let day = LocalDate(parsing: text) else {
        throw ValidationError("\(option) \(text) is no day. Write 2026-11-21.")
    }
    return day
}

/// Refuses an option that says nothing, where the log is to say on what grounds.
func need(_ text: String, of option: String) throws {
    guard text.contains(where: { !$0.isWhitespace }) else {
        throw ValidationError("\(option) is empty. Write why, such as the number of the document.")
    }
}
