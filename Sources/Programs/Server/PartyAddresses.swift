import Exchange
import Foundation

/// Where the outside parties are: the settings that their definitions name, `SUBAN_PARTY_TAX=http://…`.
enum PartyAddresses {
    static func http(_ parties: Parties) -> HTTPTransport {
        let environment = ProcessInfo.processInfo.environment
        var addresses: [String: String] = [:]
        for party in parties.all {
            if let address = environment[party.addressSetting], !address.isEmpty {
                addresses[party.id] = address
            }
        }
        return http(addresses)
    }

    static func http(_ addresses: [String: String]) -> HTTPTransport {
        HTTPTransport(client: HTTPTransport.ownClient, addresses: addresses)
    }
}
