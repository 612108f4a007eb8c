import Documents
import Kernel
import Synchronization

/// The press of this program: typefaces are read once, however many platforms it opens, as the scenario runner does.
enum Presses {
    private static let known = Mutex<[String: (DocumentPress, SealFigures)]>([:])

    static func shared(_ home: Home, limits: OperatingLimits, on day: LocalDate) throws(DocumentError)
        -> (DocumentPress, SealFigures)
    {
        let found: Result<(DocumentPress, SealFigures), DocumentError> = known.withLock { known in
            if let press = known[home.root] { return .success(press) }
            do throws(DocumentError) {
                let press = try DocumentPress(
                    home: home,
                    threads: limits.value(.pressThreads, on: day),
                    queueMax: limits.value(.pressWaiting, on: day)
                )
                let figures = try SealFigures(contentsOf: home.resource("documents/seal-figures.yaml"))
                known[home.root] = (press, figures)
                return .success((press, figures))
            } catch { return .failure(error) }
        }
        return try found.get()
    }
}
