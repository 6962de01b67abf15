# A boot program for BIOS machines: writes the text that is appended to it to the first serial line and switches qemu off.
    .code16
    .globl start
start:
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw $text, %si
next:
    movw $0x3fd, %dx
wait:
    inb %dx, %al
    testb $0x20, %al
    jz wait
    lodsb
    testb %al, %al
    jz off
    movw $0x3f8, %dx
    outb %al, %dx
    jmp next
off:
    movw $0x604, %dx # the power management of qemu's "pc": sleep, type 0
    movw $0x2000, %ax
    outw %ax, %dx
stop:
    hlt
    jmp stop
text:
