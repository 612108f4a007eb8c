/// Why an end of the relay cannot work: one line for the operator.
public enum RelayStart: Error, CustomStringConvertible {
    /// The public keys of the other zone are not there yet, or are somebody else's.
    case keyMissing(folder: String, own: RelaySide, other: RelaySide)
    case inUse(path: String, by: String)
    case folder(String)
    /// Others can look into the folder of keys.
    case keys(String)
    /// No user, or this program's own.
    case gate(String)
    case gateFolder(String, String)

    public var description: String {
        switch self {
        case .keyMissing(let folder, let own, let other):
            "\(folder)/\(other.rawValue).pub.pem or \(other.sealing).pub.pem is missing or not readable by this program's user: bring both from the other zone, and take \(own.rawValue).pub.pem and \(own.sealing).pub.pem there."
        case .inUse(let path, let by):
            "\(path) is held by another program\(by.isEmpty ? "" : " (process \(by))"): stop it, or give this one folders of its own."
        case .folder(let path):
            "\(path) has to be a folder of this program's own user into which nobody else may write: chown it and chmod 700."
        case .keys(let path):
            "\(path) holds keys and has to be a folder of this program's own user that nobody else can look into: chown it and chmod 700."
        case .gate(let name):
            "--gate \(name): there is no such user, or it is the one as which this program runs. Give the gate a user of its own, so that it can read no key."
        case .gateFolder(let path, let gate):
            "\(path) has to be a folder of this program's own user and of the group of \(gate), 2770: chgrp it and chmod 2770, before the start if this program may not."
        }
    }
}
