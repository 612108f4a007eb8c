import Foundation

/// A bounded waiting line between tasks and a thread of its own: tasks add, the thread takes and sleeps when
/// there is nothing to take.
///
/// `@unchecked Sendable`: every access to the fields happens between `lock` and `unlock` of the condition, and
/// nothing is called while it is held.
package final class Line<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: ArraySlice<Element> = []
    private var takers = 0
    private var isClosed = false
    private let lengthMax: Int

    /// - Parameter lengthMax: one more is refused, so that a stalled disk cannot fill the memory.
    package init(lengthMax: Int) { self.lengthMax = lengthMax }

    /// - Returns: whether there is more work than threads asleep: another thread would be of use.
    /// - Throws: `closed` after `close()`, `unavailable` when the line is full.
    @discardableResult
    package func add(_ element: Element) throws(StorageError) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { throw .closed }
        guard waiting.count < lengthMax else {
            throw .unavailable(
                "more than \(lengthMax) requests are waiting for the database; try again later"
            )
        }
        waiting.append(element)
        condition.signal()
        return waiting.count > takers
    }

    package var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return waiting.count
    }

    /// Waits for work. An empty answer means: closed, and everything is done.
    package func take(countMax: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty && !isClosed {
            takers += 1
            condition.wait()
            takers -= 1
        }
        return pop(countMax)
    }

    /// What is there at this moment, without waiting.
    package func takeNow(countMax: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        return pop(countMax)
    }

    /// Refuses newcomers; what waits already is still served.
    package func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    private func pop(_ countMax: Int) -> [Element] {
        guard waiting.count > countMax else {
            defer { waiting = [] }
            return Array(waiting)
        }
        let some = Array(waiting.prefix(countMax))
        waiting.removeFirst(countMax)
        return some
    }
}
