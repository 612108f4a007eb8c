/// Why an end of the relay cannot work: one line for the operator.
public enum RelayStart: Error, CustomStringConvertible {
    /// The public keys of the other zone are not there yet.
    case keyMissing(folder: String, own: RelaySide, other: RelaySide)
    case inUse(path: String, by: String)
    case folder(String)

    public var description: String {
        switch self {
        case .keyMissing(let folder, let own, let other):
            "\(folder)/\(other.rawValue).pub.pem or \(other.sealing).pub.pem is missing: bring both from the other zone, and take \(own.rawValue).pub.pem and \(own.sealing).pub.pem there."
        case .inUse(let path, let by):
            "\(path) is held by another program\(by.isEmpty ? "" : " (process \(by))"): stop it, or give this one folders of its own."
        case .folder(let path):
            "\(path) has to be a folder of this program's own user into which nobody else may write: chown it and chmod 700."
        }
    }
}
