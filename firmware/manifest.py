"""What a frozen image holds: lib/ and the boards. main.py stays a file, to be edited."""

package("mynah_wire", base_path="lib")
package("mynah_device", base_path="lib")
package("mynah_parts", base_path="lib")
package("boards")
