/// Which names mean what at a place of an expression, and where their values will lie.
struct NameScope {
    private enum Frame {
        case variables([String: Int])
        /// The item of a filter: its members may bear any name.
        case item(Int)
    }

    private var frames: [Frame] = []
    /// Names that are more than one word, by their first word.
    private var compound: [String: [(words: [String], name: String)]] = [:]
    let declared: Set<String>
    private(set) var slotCount = 0
    private var nextSlot = 0
    private(set) var free: Set<String> = []

    init(declared: Set<String>) {
        self.declared = declared
        compound = Self.compoundBuiltins
        for name in declared { learn(name) }
    }

    private static let compoundBuiltins: [String: [(words: [String], name: String)]] = {
        var table: [String: [(words: [String], name: String)]] = [:]
        for name in Builtin.all.keys where name.contains(" ") {
            let words = name.split(separator: " ").map(String.init)
            table[words[0], default: []].append((words, name))
        }
        return table
    }()

    /// Makes a name of several words known, wherever it may be used.
    mutating func learn(_ name: String) {
        guard let words = Lexer.words(ofName: name), words.count > 1 else { return }
        let known = compound[words[0]] ?? []
        guard !known.contains(where: { $0.words == words }) else { return }
        compound[words[0], default: []].append((words, name))
    }

    /// The longest known name of several words that begins the given words.
    func longest(_ tokens: ArraySlice<Token>) -> (count: Int, name: String)? {
        guard let first = tokens.first, let candidates = compound[first.text] else { return nil }
        var best: (count: Int, name: String)?
        for candidate in candidates where candidate.words.count > (best?.count ?? 0) {
            guard tokens.count >= candidate.words.count else { continue }
            let fits = zip(candidate.words, tokens).allSatisfy {
                $0 == $1.text && $1.kind != .string && $1.kind != .atLiteral
            }
            if fits { best = (candidate.words.count, candidate.name) }
        }
        return best
    }

    mutating func reserve() -> Int {
        defer { nextSlot += 1 }
        slotCount = max(slotCount, nextSlot + 1)
        return nextSlot
    }

    mutating func push(_ variables: [String: Int]) {
        for name in variables.keys { learn(name) }
        frames.append(.variables(variables))
    }

    /// Adds one more variable to the innermost frame.
    mutating func add(_ name: String, slot: Int) {
        learn(name)
        guard case .variables(var variables)? = frames.popLast() else { return }
        variables[name] = slot
        frames.append(.variables(variables))
    }

    mutating func pushItem(_ slot: Int) {
        frames.append(.item(slot))
    }

    /// Leaves the innermost frame and gives `slots` places back.
    mutating func pop(releasing slots: Int) {
        frames.removeLast()
        nextSlot -= slots
    }

    enum Meaning {
        case local(Int)
        case builtin(Builtin)
        case global
    }

    /// What `name` means here, and the filter items whose members come first.
    mutating func resolve(_ name: String, called: Bool) -> (Meaning, items: [Int]) {
        var items: [Int] = []
        for frame in frames.reversed() {
            switch frame {
            case .item(let slot):
                items.append(slot)
                // The item itself, unless it has a member of that name.
                if name == "item" { return (.local(slot), items) }
            case .variables(let variables):
                if let slot = variables[name] { return (.local(slot), items) }
            }
        }
        if !declared.contains(name), let builtin = Builtin.all[name] {
            if called { return (.builtin(builtin), []) }
            return (.global, items)
        }
        free.insert(name)
        return (.global, items)
    }
}
