public import Kernel

/// What can go wrong under a store.
public enum StorageError: Refusal, Equatable {
    /// A row with that key is there already, or a referenced row is missing. The name is the constraint, or
    /// `table.column` where the engine tells no name.
    case constraint(name: String)
    /// The row was changed by somebody else since it was read.
    case stale
    case noRow
    case unexpectedColumn(index: Int, wanted: String)
    /// No room on the disk: nothing of this write was kept.
    case full
    /// The database cannot be reached for now.
    case unavailable(String)
    /// The database is at hand, but this work took too long, by itself or because others held what it needs: it was ended
    /// and undone.
    case tooLong(String)
    /// No connection to the server comes about, and whoever runs the program can mend that.
    case unreachable(Unreachable)
    /// The database's own file contradicts itself: what it holds there cannot be read, however often it is tried.
    case damaged(String)
    /// The schema was written by a newer program, or a published migration was changed.
    case schema(String)
    case closed
    /// A value from outside that begins as sealed ones do: it could not be read again.
    case looksSealed
    /// A statement that the engine refuses: a mistake of ours.
    case statement(String)

    public var code: String {
        switch self {
        case .constraint: "storage.constraint"
        case .stale: "storage.stale"
        case .noRow: "storage.no-row"
        case .unexpectedColumn: "storage.unexpected-column"
        case .full: "storage.full"
        case .unavailable: "storage.unavailable"
        case .tooLong: "storage.too-long"
        case .unreachable(let why): why.code
        case .damaged: "storage.damaged"
        case .schema: "storage.schema"
        case .closed: "storage.closed"
        case .looksSealed: "storage.looks-sealed"
        case .statement: "storage.statement"
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .constraint, .stale: .notAllowedNow
        case .noRow: .notFound
        case .full: .noSpace
        case .looksSealed: .unacceptable
        case .unexpectedColumn, .unavailable, .tooLong, .unreachable, .damaged, .schema, .closed,
            .statement:
            .unavailable
        }
    }
}

/// Why no connection to a database's server comes about.
public enum Unreachable: Sendable, CaseIterable {
    /// It cannot be read as one.
    case address
    /// Nobody knows the host's name.
    case host
    /// Nobody answers there.
    case server
    /// The server does not let this user in.
    case password
    case database
    /// The user may not do there what the program has to.
    case rights
    /// The server is too old.
    case version
    /// The database does not hold UTF-8.
    case encoding

    var code: String {
        switch self {
        case .address: "storage.address"
        case .host: "storage.host"
        case .server: "storage.server"
        case .password: "storage.password"
        case .database: "storage.database"
        case .rights: "storage.rights"
        case .version: "storage.version"
        case .encoding: "storage.encoding"
        }
    }
}
