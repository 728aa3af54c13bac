# SPDX-License-Identifier: Apache-2.0
use Nowhere::To::Be::Found;
