import Foundation
public import Kernel

/// Sets, writes and draws documents on threads of its own, since Pango and Cairo block; what waits is bounded.
public final class DocumentPress: Sendable {
    public let typefaces: Typefaces
    private let threads: WorkerThreads

    /// - Parameters:
    ///   - count: threads; each holds fonts and texts of its own, some megabytes.
    ///   - queueMax: how many documents may wait; one more is refused as `.busy`.
    /// - Throws: `.typeface` when one is missing, so that a program does not start without it.
    public init(home: Home, threads count: Int, queueMax: Int) throws(DocumentError) {
        typefaces = try Typefaces(file: home.resource("documents/typefaces.tsv"))
        threads = WorkerThreads(count: count, queueMax: queueMax, name: "press")
        // Says at the start what the first document would have said.
        _ = try Typesetter(typefaces)
    }

    /// A test brings threads of its own.
    init(typefaces: Typefaces, threads: WorkerThreads) {
        self.typefaces = typefaces
        self.threads = threads
    }

    /// Runs `work` on one of the threads, with that thread's typesetter.
    public func make<Made: Sendable>(
        _ work: @escaping @Sendable (Typesetter) throws(DocumentError) -> Made
    ) async throws(DocumentError) -> Made {
        let made: Result<Made, DocumentError> = await withCheckedContinuation { continuation in
            let isAccepted = threads.submit { [typefaces] in
                continuation.resume(
                    returning: Result { () throws(DocumentError) in
                        try work(try Self.typesetter(typefaces))
                    }
                )
            }
            if !isAccepted { continuation.resume(returning: .failure(.busy)) }
        }
        return try made.get()
    }

    /// Pango's objects belong to one thread; each makes its own when first needed and keeps it.
    private static func typesetter(_ typefaces: Typefaces) throws(DocumentError) -> Typesetter {
        let kept = Thread.current.threadDictionary
        if let known = kept["typesetter"] as? Typesetter, known.typefaces === typefaces { return known }
        let made = try Typesetter(typefaces)
        kept["typesetter"] = made
        return made
    }
}
