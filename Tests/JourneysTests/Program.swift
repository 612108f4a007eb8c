import Foundation

/// The program as somebody starts it. It lies beside the test bundle.
enum Program {
    static let path: URL = {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let folder = bundle?.deletingLastPathComponent() ?? Bundle.main.bundleURL
        return folder.appendingPathComponent("suban")
    }()

    struct Answer {
        let exit: Int32
        let out: String
        let error: String
    }

    /// Runs the program to its end.
    /// - Parameter environment: beside that of the tests.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Answer {
        try run(path, arguments, environment: environment)
    }

    /// Runs any program to its end. What it prints must fit into a pipe when it prints on both.
    static func run(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws
        -> Answer
    {
        let process = Process()
        let (out, error) = (Pipe(), Pipe())
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = out
        process.standardError = error
        try process.run()
        let printed = out.fileHandleForReading.readDataToEndOfFile()
        let complained = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Answer(
            exit: process.terminationStatus,
            out: String(decoding: printed, as: UTF8.self),
            error: String(decoding: complained, as: UTF8.self)
        )
    }
}
