import Kernel
import Testing

@Suite("what of an address counts as one asker")
struct AddressBlockTests {
    @Test(
        "IPv6 counts by its /64, IPv4 by itself, anything else as it stands",
        arguments: [
            ("2001:db8::1", "2001:db8:0:0::/64"), ("2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8:0:0::/64"),
            ("2001:db8:0:1::1", "2001:db8:0:1::/64"), ("::1", "0:0:0:0::/64"),
            ("fe80::1%eth0", "fe80:0:0:0::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::FFFF:c000:207", "192.0.2.7"), ("192.0.2.7", "192.0.2.7"), ("", ""), ("unknown", "unknown"),
            ("2001:db8::zz", "2001:db8::zz"), ("192.0.2.7:443", "192.0.2.7:443"),
        ]
    )
    func blocks(address: String, block: String) {
        #expect(AddressBlock.of(address) == block)
    }
}
