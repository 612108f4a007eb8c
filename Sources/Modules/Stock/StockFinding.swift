public import Kernel

/// What is wrong with a row, or worth knowing of it. `refusal.<code>` is its message and `refusal.<code>.next` what to do.
public struct StockFinding: Hashable, Sendable {
    public let line: Int
    /// As the source calls it; empty when it is the row as a whole.
    public let column: String
    public let code: String
    public let arguments: [String: String]
    /// A row with an error is not taken over.
    public var isError: Bool { Self.isError(code) }

    static func isError(_ code: String) -> Bool { !notices.contains(code) }

    init(_ line: Int, _ column: String, _ code: String, _ arguments: [String: String] = [:]) {
        self.line = line
        self.column = column
        self.code = code
        self.arguments = arguments
    }

    private static let notices: Set = [
        "stock.converted", "stock.legacy-code", "stock.suspect", "stock.suspect-kept",
        "stock.repeated-person",
        "stock.there", "stock.no-holder",
    ]
}

/// A finding in words, as every refusal has them.
public struct StockFault: Refusal {
    public let code: String
    public let arguments: [String: String]
    public var status: RefusalStatus { .unacceptable }

    public init(_ finding: StockFinding) {
        code = finding.code
        arguments = finding.arguments
    }
}
