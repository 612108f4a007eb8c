public import Kernel

/// One thing that is wrong in a file of reference data, where it stands and what to do.
///
/// The message catalogue holds `refusal.<code>` and `refusal.<code>.next` for each.
public struct ReferenceProblem: Hashable, Sendable {
    /// Counted from 1, comment lines included; 0 when the file as a whole is meant.
    public let line: Int
    /// The column's name, or empty.
    public let column: String
    public let code: String
    public let arguments: [String: String]

    public init(line: Int, column: String = "", code: String, arguments: [String: String] = [:]) {
        self.line = line
        self.column = column
        self.code = code
        self.arguments = arguments.merging(["line": String(line), "column": column]) { given, _ in given }
    }
}

/// A file that is not imported, with everything that is wrong in it (up to a limit). Nothing of it was kept.
public struct ReferenceRejected: Refusal, Equatable {
    public let kind: String
    public let problems: [ReferenceProblem]

    public init(kind: String, problems: [ReferenceProblem]) {
        self.kind = kind
        self.problems = problems
    }

    public var code: String { "reference.rejected" }
    public var arguments: [String: String] {
        ["kind": kind, "count": String(problems.count), "line": String(problems.first?.line ?? 0)]
    }
    public var status: RefusalStatus { .unacceptable }
}
