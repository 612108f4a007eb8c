import ArgumentParser
import Foundation

/// What the programs that browsers and each other reach are told, checked before anything is opened.
enum SiteOptions {
    static func check(
        port: Int,
        origin: String?,
        addresses: [(option: String, addresses: [String])]
    ) throws {
        guard (1...65_535).contains(port) else {
            throw ValidationError("--port is a number from 1 to 65535.")
        }
        if let origin, !isPlace(origin, schemes: ["https"]) {
            throw ValidationError("--origin is https:// and a host, without a path.")
        }
        for (option, addresses) in addresses {
            for address in addresses
            where !address.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }) || address.isEmpty {
                throw ValidationError("--\(option) is an IP address, not \(address).")
            }
        }
    }

    /// Scheme and host, perhaps a port, and nothing behind them.
    static func isPlace(_ text: String, schemes: Set<String>) -> Bool {
        let parts = URLComponents(string: text)
        return schemes.contains(parts?.scheme ?? "") && parts?.host?.isEmpty == false && parts?.path == ""
            && parts?.query == nil && parts?.user == nil && parts?.fragment == nil
    }
}
