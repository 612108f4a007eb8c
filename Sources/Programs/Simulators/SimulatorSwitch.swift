public import Kernel

/// A failure that a simulator can be told to have, or how fast it works.
///
/// Written as scenarios and the board write it: `down`, `slow`, `after 10 min`, `refuse abnormal-household once`,
/// `account: person appear-in-person`. A word before a colon limits it to one operation; `once` to one order.
public struct SimulatorSwitch: Hashable, Sendable {
    public enum Mode: Hashable, Sendable {
        /// Nobody listens.
        case down
        /// The message arrives and is worked on, but the answer comes too late.
        case slow
        /// Orders are taken and never reported on.
        case silent
        /// Each report is sent twice.
        case duplicate
        /// The last report is sent first.
        case outOfOrder
        /// Answers and reports speak of another firm.
        case wrongFirm
        /// Answers and reports that nobody can read.
        case nonsense
        /// Signatures do not hold.
        case unsigned
        /// Returned, or a refused question, with a reason.
        case refuse(String)
        case person(String)
        /// One of several rows fails, such as one seal of five.
        case partial
        /// Reports come this many milliseconds after the order.
        case after(Int64)
    }

    public let mode: Mode
    public let operation: String?
    public let once: Bool

    public init(mode: Mode, operation: String? = nil, once: Bool = false) {
        self.mode = mode
        self.operation = operation
        self.once = once
    }

    public init(parsing text: String) throws(SimulatorError) {
        var words = text.split(separator: " ").map(String.init)
        var operation: String?
        if let first = words.first, first.hasSuffix(":"), first.count > 1 {
            operation = String(first.dropLast())
            words.removeFirst()
        }
        let once = words.last == "once"
        if once { words.removeLast() }
        let mode: Mode
        switch (words.first, words.count) {
        case ("down", 1): mode = .down
        case ("slow", 1): mode = .slow
        case ("silent", 1): mode = .silent
        case ("duplicate", 1): mode = .duplicate
        case ("out-of-order", 1): mode = .outOfOrder
        case ("wrong-firm", 1): mode = .wrongFirm
        case ("nonsense", 1): mode = .nonsense
        case ("unsigned", 1): mode = .unsigned
        case ("partial", 1): mode = .partial
        case ("refuse", 2): mode = .refuse(words[1])
        case ("person", 2): mode = .person(words[1])
        case ("after", 3):
            let units: [String: Int64] = ["s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
            guard let amount = Int64(words[1]), (0...10_000).contains(amount), let unit = units[words[2]]
            else {
                throw .unknownSwitch(text)
            }
            mode = .after(amount * unit)
        default: throw .unknownSwitch(text)
        }
        self.init(mode: mode, operation: operation, once: once)
    }

    public var text: String {
        let words: String =
            switch mode {
            case .down: "down"
            case .slow: "slow"
            case .silent: "silent"
            case .duplicate: "duplicate"
            case .outOfOrder: "out-of-order"
            case .wrongFirm: "wrong-firm"
            case .nonsense: "nonsense"
            case .unsigned: "unsigned"
            case .partial: "partial"
            case .refuse(let code): "refuse \(code)"
            case .person(let code): "person \(code)"
            case .after(let milliseconds): "after \(milliseconds / 1_000) s"
            }
        return (operation.map { "\($0): " } ?? "") + words + (once ? " once" : "")
    }
}

/// Why a simulator cannot do what it is told.
public enum SimulatorError: Refusal, Equatable {
    case unknownSwitch(String)
    case unknownParty(String)
    case stateUnreadable(String)

    public var code: String {
        switch self {
        case .unknownSwitch: "simulator.unknown-switch"
        case .unknownParty: "simulator.unknown-party"
        case .stateUnreadable: "simulator.state-unreadable"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownSwitch(let text): ["switch": text]
        case .unknownParty(let party): ["party": party]
        case .stateUnreadable(let file): ["file": file]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknownSwitch, .unknownParty: .malformed
        case .stateUnreadable: .unavailable
        }
    }
}
