import CPostgres
import Foundation
import Storage

/// An error of the server with its SQLSTATE (PostgreSQL 15 manual, appendix A).
struct PostgresError: Error {
    let state: String
    let message: String
    let table: String
    let column: String
    let constraint: String
    let detail: String
    /// The connection is gone, not just the statement.
    let isLost: Bool

    init(result: OpaquePointer?, connection: OpaquePointer?) {
        func field(_ code: Character) -> String {
            guard let scalar = code.asciiValue, let text = PQresultErrorField(result, Int32(scalar)) else {
                return ""
            }
            return String(cString: text)
        }
        state = field("C")
        table = field("t")
        column = field("c")
        constraint = field("n")
        detail = field("D")
        isLost = PQstatus(connection) != CONNECTION_OK
        let primary = field("M")
        message = primary.isEmpty ? connectionMessage(connection) : primary
    }

    /// Another transaction was in the way: the same work may succeed when it runs again.
    var isTransient: Bool { ["40001", "40P01"].contains(state) }

    var storageError: StorageError {
        if isLost { return .unavailable("PostgreSQL ended the connection: \(message)") }
        switch state {
        case "23505", "23502", "23514", "23503", "23001", "23P01": return .constraint(name: constraintName)
        case "53100", "53200": return .full
        case "55P03": return .unavailable("PostgreSQL: another transaction holds the row too long")
        case "57014": return .unavailable("PostgreSQL did not answer in time")
        case "40001", "40P01": return .unavailable("PostgreSQL: other transactions were in the way")
        // A page or an index of the server's own files that contradicts itself.
        case "XX001", "XX002": return .damaged("PostgreSQL \(state): \(message)")
        case "25006": return .statement("a write inside a read: \(message)")
        case _ where ["08", "53", "57", "58"].contains(state.prefix(2)):
            return .unavailable("PostgreSQL: \(message)")
        // Of this class, the server's words repeat the value, which may be personal.
        case _ where state.hasPrefix("22"): return .statement("\(state) a value does not fit its column")
        default: return .statement("\(state) \(message)")
        }
    }

    /// The names that SQLite gives: `table.column,table.column` for a key, `table.column` for a missing value,
    /// `foreign-key`, and the constraint's own name for a check or an index over expressions.
    private var constraintName: String {
        switch state {
        case "23503", "23001": return "foreign-key"
        case "23502": return "\(table).\(column)"
        case "23505":
            guard let open = detail.firstIndex(of: "("), let end = detail.range(of: ")=(")?.lowerBound,
                open < end
            else { return constraint }
            let columns = detail[detail.index(after: open)..<end]
            guard !columns.contains("(") else { return constraint }
            return columns.split(separator: ",").map { "\(table).\($0.drop { $0 == " " })" }.joined(
                separator: ","
            )
        default: return constraint
        }
    }
}

/// The first line of what libpq has to say.
func connectionMessage(_ connection: OpaquePointer?) -> String {
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.isEmpty ? "no answer" : line
}
