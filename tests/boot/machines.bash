# shellcheck shell=bash
# The machines that boot here, a line each; no name is in both tables.

# loaders.sh: NAME | FIRMWARE | NETWORK CARD | BOOT FILE | FILES SENT WHOLE
# shellcheck disable=SC2034
loader_machines='
ipxe      | bios | virtio-net-pci | boot.ipxe                 | boot.ipxe vmlinuz initrd
pxelinux  | bios | virtio-net-pci | pxelinux.0                | pxelinux.0 ldlinux.c32 pxelinux.cfg/default vmlinuz initrd
lpxelinux | bios | e1000          | lpxelinux.0               | lpxelinux.0 ldlinux.c32 pxelinux.cfg/default vmlinuz initrd
grub      | bios | e1000          | boot/grub/i386-pc/core.0  | boot/grub/i386-pc/core.0 boot/grub/grub.cfg vmlinuz initrd
uefi      | uefi | virtio-net-pci | boot/grub/x86_64-efi/core.efi | boot/grub/x86_64-efi/core.efi boot/grub/grub.cfg vmlinuz initrd
'

# companion.sh: NAME | FIRMWARE | DHCP SERVER | PLACE | END | PxeBoot
# PLACE: link: the DHCP server is another host on the link. next: so it is, and names us as the next server. here: it is on
# our host, so we have port 4011 only. relay: the machine is in another network, behind a relay that adds option 82.
companion_machines='
ipxe-dnsmasq | rom      | dnsmasq | link  | program | ipxe = word.ipxe
ipxe-dhcpd   | rom      | dhcpd   | link  | program | ipxe = word.ipxe
ipxe-kea     | rom      | kea     | link  | program | ipxe = word.ipxe
ipxe-binl    | rom      | dnsmasq | link  | program | ipxe = word.ipxe style binl
ipxe-relay   | rom      | dhcpd   | relay | program | ipxe = word.ipxe
ipxe-here    | rom      | dnsmasq | here  | program | ipxe = word.ipxe
ipxe-here-kea | rom     | kea     | here  | program | ipxe = word.ipxe
ipxe-pxelinux | rom     | dhcpd   | link  | linux   | ipxe = pxelinux.0
x64-dnsmasq  | x64      | dnsmasq | link  | program | x64 = word.efi
x64-dhcpd    | x64      | dhcpd   | link  | program | x64 = word.efi
x64-kea      | x64      | kea     | link  | program | x64 = word.efi
x64-binl     | x64      | dnsmasq | link  | program | x64 = word.efi style binl
x64-menu     | x64      | dnsmasq | link  | program | x64 = word.efi style menu
x64-chain    | x64      | dnsmasq | link  | program | x64 = snponly.efi\0ipxe = word.ipxe
x64-chain-binl | x64    | kea     | link  | program | x64 = snponly.efi style binl\0ipxe = word.ipxe style binl
x64-relay    | x64      | dnsmasq | relay | program | x64 = word.efi
x64-here     | x64      | dhcpd   | here  | program | x64 = word.efi
x64-grub     | x64      | dnsmasq | link  | linux   | x64 = grub.efi
x64-shim     | x64      | dhcpd   | next  | linux   | x64 = shimx64.efi
x64-http     | x64-http | dnsmasq | link  | program | x64-http = http://10.78.0.3/word.efi
x64-v6       | x64-v6   | dnsmasq | link  | program | x64 = word.efi
ia32         | ia32     | dhcpd   | link  | sent    | ia32 = any.efi
arm64        | arm64    | kea     | link  | sent    | arm64 = any.efi
arm64-binl   | arm64    | dnsmasq | link  | sent    | arm64 = any.efi style binl
uboot        | uboot    | dnsmasq | link  | program | any = ignore
bootp        | ipconfig | none    | link  | program | any = ignore
'

names_of() { awk -F ' *[|] *' 'NF > 1 { print $1 }' <<<"$1"; }                       # TABLE
columns_of() { awk -F ' *[|] *' -v OFS='|' -v name="$2" '$1 == name { $1 = $1; print }' <<<"$1"; } # TABLE NAME
