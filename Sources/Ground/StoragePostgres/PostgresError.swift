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
    /// A statement wants other types than its values have. The connection knows them now, and the work runs again.
    private(set) var isMisfit = false

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
        // Of class 57P, a server that shuts down says so before it closes the connection.
        // And whoever refuses to begin a write is a standby: another server leads by now, or soon.
        isLost =
            PQstatus(connection) != CONNECTION_OK || Self.endings.contains(state)
            || (state == "0A000" && field("R") == "call_bool_check_hook")
        let primary = field("M")
        message = primary.isEmpty ? connectionMessage(connection) : primary
    }

    /// Libpq had nothing more to say.
    init(lost connection: OpaquePointer?) {
        (state, table, column, constraint, detail) = ("", "", "", "", "")
        isLost = true
        message = connectionMessage(connection)
    }

    var asMisfit: PostgresError {
        var error = self
        error.isMisfit = true
        return error
    }

    /// Another transaction was in the way: the same work may succeed when it runs again.
    var isTransient: Bool { ["40001", "40P01"].contains(state) }

    /// The server itself has said that it ends the connection, and with it whatever it had not answered before.
    var isEndOfServer: Bool { Self.endings.contains(state) }
    private static let endings = ["57P01", "57P02", "57P03", "57P05"]

    var runsAgain: Bool { isTransient || isLost || isMisfit }

    var storageError: StorageError {
        if isLost { return .unavailable("PostgreSQL ended the connection: \(message)") }
        switch state {
        case "23505", "23502", "23514", "23503", "23001", "23P01": return .constraint(name: constraintName)
        case "53100", "53200": return .full
        case "55P03": return .tooLong("PostgreSQL: another transaction holds the row too long")
        case "57014": return .tooLong("PostgreSQL did not answer in time")
        case "40001", "40P01": return .tooLong("PostgreSQL: other transactions were in the way")
        // A page or an index of the server's own files that contradicts itself.
        case "XX001", "XX002": return .damaged("PostgreSQL \(state): \(message)")
        case "42501": return .unreachable(.rights)
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

/// Why no connection came about. Libpq tells no SQLSTATE then, only its own words and those of the server; what a server
/// says in another language than English is told as it is.
func connectionError(_ connection: OpaquePointer?, url: String) -> StorageError {
    // Libpq repeats an address that it cannot read, and there may be a password in it.
    let message = connectionMessage(connection).replacingOccurrences(of: url, with: "the address")
    let known: [(words: String, why: Unreachable)] = [
        ("could not translate host name", .host), ("password authentication failed", .password),
        ("no password supplied", .password), ("pg_hba.conf", .password), ("role \"", .password),
        ("permission denied for database", .rights), ("refused", .server), ("timeout expired", .server),
        ("timed out", .server), ("unreachable", .server), ("No route to host", .server),
        ("No such file", .server), ("database \"", .database),
    ]
    if let why = known.first(where: { message.contains($0.words) })?.why { return .unreachable(why) }
    guard message.contains("connection to server") else { return .unreachable(.address) }
    return .unavailable("PostgreSQL cannot be reached: \(message)")
}
