import Exchange
import Foundation

/// Where the outside parties are: the settings that their definitions name, `SUBAN_PARTY_TAX=http://…`.
enum PartyAddresses {
    static func http(_ parties: Parties) -> HTTPTransport { http(named(parties)) }

    /// Those that the environment names, by the party's identifier.
    static func named(_ parties: Parties) -> [String: String] {
        let environment = ProcessInfo.processInfo.environment
        var addresses: [String: String] = [:]
        for party in parties.all {
            if let address = environment[party.addressSetting], !address.isEmpty {
                addresses[party.id] = address
            }
        }
        return addresses
    }

    static func http(_ addresses: [String: String]) -> HTTPTransport {
        HTTPTransport(client: HTTPTransport.ownClient, addresses: addresses)
    }
}
