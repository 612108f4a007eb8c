/// Makes each thing once, however many ask for it at the same time; whoever comes while it is made waits.
///
/// What could not be made is not kept: the next one who asks tries again.
package actor Memo<Key: Hashable & Sendable, Value: Sendable> {
    private enum Entry {
        case making([CheckedContinuation<Value, any Error>])
        case made(Value)
    }

    private var entries: [Key: Entry] = [:]

    package init() {}

    package var made: [Value] {
        entries.values.compactMap { if case .made(let value) = $0 { value } else { nil } }
    }

    package func value(_ key: Key, make: @Sendable () async throws -> Value) async throws -> Value {
        switch entries[key] {
        case .made(let value): return value
        case .making:
            return try await withCheckedThrowingContinuation { waiting in
                guard case .making(let others) = entries[key] else { return }
                entries[key] = .making(others + [waiting])
            }
        case nil:
            entries[key] = .making([])
            do {
                let value = try await make()
                for waiting in waiting(for: key) { waiting.resume(returning: value) }
                entries[key] = .made(value)
                return value
            } catch {
                for waiting in waiting(for: key) { waiting.resume(throwing: error) }
                entries[key] = nil
                throw error
            }
        }
    }

    private func waiting(for key: Key) -> [CheckedContinuation<Value, any Error>] {
        guard case .making(let waiting) = entries[key] else { return [] }
        return waiting
    }
}

/// Works on all elements, `atOnce` side by side; answers in their order.
/// - Parameter done: the place of an element whose work is done, and its answer, as they come.
@discardableResult
package func inParallel<Element: Sendable, Answer: Sendable>(
    _ elements: [Element],
    atOnce: Int,
    _ work: @escaping @Sendable (Element) async -> Answer,
    done: (Int, Answer) -> Void = { _, _ in }
) async -> [Answer] {
    var answers: [Int: Answer] = [:]
    await withTaskGroup(of: (Int, Answer).self) { group in
        var next = 0
        func start() {
            guard next < elements.count else { return }
            let number = next
            next += 1
            group.addTask { (number, await work(elements[number])) }
        }
        for _ in 0..<max(1, atOnce) { start() }
        for await (number, answer) in group {
            answers[number] = answer
            done(number, answer)
            start()
        }
    }
    return elements.indices.compactMap { answers[$0] }
}
