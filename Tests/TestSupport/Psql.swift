import Foundation

/// `psql` with a script of its own words, such as those that explain a prepared statement; bare lines, no headings.
/// - Returns: what it said, and what it complained of when it failed.
public func psql(_ script: String, at url: String) throws -> (output: String, complaint: String?) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", url]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    input.fileHandleForWriting.write(Data(script.utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return (text, process.terminationStatus == 0 ? nil : complaint)
}
